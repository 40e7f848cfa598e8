import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { collectorFlags } from './collector-flags.js';

describe('collectorFlags', () => {
  it('has the thread that answers collect by itself where it would share its core with others', () => {
    const ofOne = collectorFlags(1).filter((flag) => !collectorFlags(2).includes(flag));
    expect(ofOne).toEqual(['--no-concurrent-marking', '--no-concurrent-sweeping', '--no-parallel-scavenge']);
    expect(collectorFlags(8)).toEqual(collectorFlags(2));
  });

  it('names flags that this V8 has', () => {
    const { stdout } = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
    for (const flag of collectorFlags(1)) {
      const name = flag.replace(/^--(?:no-)?/, '').replace(/=.*/, '');
      expect(stdout).toContain(`--${name} `);
    }
  });
});
