export { createNode } from './node.js';
export type { ArtemisNode, NodeOptions } from './node.js';
export { silentLogger, systemRuntime } from './runtime.js';
