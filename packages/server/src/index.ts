export { createNode } from './node.js';
export type { ArtemisNode, NodeOptions } from './node.js';
export { silentLogger, systemRuntime } from './runtime.js';
export { StoreProblem } from './storage/store-problem.js';
export type { StoreProblemKind } from './storage/store-problem.js';
