/** `@artemis/cli/testing`: a cluster of real nodes within the process of a test. */
export { startTestCluster } from './test-cluster.js';
export type { TestCluster, TestClusterOptions, Waiting } from './test-cluster.js';
export type { TestNode } from './test-node.js';

// Nodes load it with their first call to a peer, which would make the first cluster of a process wait.
import 'axios';
