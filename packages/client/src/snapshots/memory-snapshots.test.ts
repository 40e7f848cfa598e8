import { describe } from '@jest/globals';
import { MemorySnapshots } from './memory-snapshots.js';
import { snapshotCases } from './snapshot-cases.fixture.js';

describe('MemorySnapshots', () => {
  snapshotCases(() => new MemorySnapshots());
});
