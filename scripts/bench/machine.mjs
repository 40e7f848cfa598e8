// Where and of what a run was made: without it no figure says anything.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** `placement`: what runs where. */
export function describeRun(placement) {
  const { version } = JSON.parse(readFileSync(`${root}packages/cli/package.json`, 'utf8'));
  const changed = git('status', '--porcelain');
  return {
    date: new Date().toISOString(),
    artemis: version,
    commit: git('rev-parse', 'HEAD') ?? 'unknown',
    dirty: changed === undefined ? undefined : changed !== '',
    node: process.version,
    v8: process.versions.v8,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    loadAverage: loadavg()[0],
    placement,
  };
}

export function describeLines(run) {
  const state = run.dirty === undefined ? '' : run.dirty ? ', with uncommitted changes' : '';
  return [
    `Artemis ${run.artemis}, commit ${run.commit.slice(0, 12)}${state}`,
    `${run.cores} x ${run.processor}, ${run.memoryGiB} GiB; ${run.system}; Node.js ${run.node}`,
    `${run.placement}; load average at the start ${run.loadAverage.toFixed(1)}`,
  ];
}
