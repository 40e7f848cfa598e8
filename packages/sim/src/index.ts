export { run } from './run.js';
export { scenarios } from './scenarios/index.js';
