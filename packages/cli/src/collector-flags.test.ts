import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { collectorFlags } from './collector-flags.js';

describe('collectorFlags', () => {
  it('leaves the thread that answers a core, where there is one', () => {
    const markers = (cores: number) => collectorFlags(cores).find((flag) => flag.includes('worker-num'));
    expect([1, 2, 8].map((cores) => markers(cores)?.split('=')[1])).toEqual(['1', '1', '7']);
  });

  it('names flags that this V8 has', () => {
    const { stdout } = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
    for (const flag of collectorFlags(4)) {
      const name = flag.replace(/^--(?:no-)?/, '').replace(/=.*/, '');
      expect(stdout).toContain(`--${name} `);
    }
  });
});
