import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CollectedLogger, SeededRandom, VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { DirectoryLock } from './directory-lock.js';
import { temporaryFolders } from './temporary-folder.fixture.js';

const folder = temporaryFolders();
let time: VirtualTime;
let logger: CollectedLogger;
let directory: string;
let alive: Set<number>;
let locks = 0;

function aLock(): DirectoryLock {
  const { clock, scheduler } = time;
  const facts = { pid: process.pid, hostName: 'host1', isAlive: (other: number) => alive.has(other) };
  locks += 1;
  const random = new SeededRandom(locks);
  return new DirectoryLock({ directory, facts, random, clock, scheduler, logger });
}

const holders = (): string[] => (existsSync(inLock()) ? readdirSync(inLock()) : []);
const inLock = (...names: string[]): string => path.join(directory, 'lock', ...names);

/** The lock as it is while another process holds it. */
function held(holder: unknown, modifiedWallMs = 0): string {
  mkdirSync(inLock(), { recursive: true });
  writeFileSync(inLock('other'), typeof holder === 'string' ? holder : JSON.stringify(holder));
  utimesSync(inLock('other'), modifiedWallMs / 1000, modifiedWallMs / 1000);
  return inLock('other');
}

/** What this process would write, with something else about it. */
async function mine(changes: object): Promise<object> {
  const lock = aLock();
  await lock.take();
  const [name = ''] = holders();
  const holder = JSON.parse(readFileSync(inLock(name), 'utf8')) as object;
  await lock.release();
  return { ...holder, ...changes };
}

const macrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Real files are read between the steps of virtual time. */
async function passing(task: Promise<unknown>, eachMs = 250): Promise<unknown> {
  let done = false;
  const ended = () => (done = true);
  task.then(ended, ended);
  for (let steps = 0; !done && steps < 100_000; steps += 1) {
    await macrotask();
    if (steps % 50 === 0) await time.advance(eachMs);
  }
  return task;
}

beforeEach(() => {
  time = new VirtualTime();
  logger = new CollectedLogger();
  directory = folder();
  alive = new Set([process.pid]);
});

describe('DirectoryLock', () => {
  it('is held by one process, and free again after it', async () => {
    const lock = aLock();
    await lock.take();
    await expect(aLock().take()).rejects.toMatchObject({ kind: 'unusable' });
    await lock.release();
    expect(readdirSync(directory)).toEqual([]);
    const next = aLock();
    await next.take();
    await next.release();
  });

  it('says who holds it, and leaves nothing of its own behind', async () => {
    const lock = aLock();
    await lock.take();
    const second = aLock();
    await expect(second.take()).rejects.toThrow(
      new RegExp(`^${directory} is in use by process ${process.pid} \\(host1.*\\): stop that one, or give`),
    );
    await second.release();
    expect([readdirSync(directory), holders().length]).toEqual([['lock'], 1]);
    await lock.release();
  });

  it('is taken from a process that is no more', async () => {
    held(await mine({ pid: 999_999 }));
    const lock = aLock();
    await lock.take();
    expect(holders()).not.toContain('other');
    await lock.release();
  });

  it('is taken from a process whose pid is now that of another', async () => {
    held(await mine({ began: '1' }));
    const lock = aLock();
    await lock.take();
    await lock.release();
  });

  it('goes to one of many that want it from the dead', async () => {
    held(await mine({ pid: 999_999 }));
    const wanting = Array.from({ length: 20 }, aLock);
    const results = await Promise.allSettled(wanting.map((lock) => lock.take()));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(holders()).toHaveLength(1);
    for (const lock of wanting) await lock.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('waits for a holder in another place to show itself, and gives way when it does', async () => {
    const file = held(await mine({ place: 'host2 pid:[1]' }), time.startWallMs);
    const shows = time.scheduler.every(1000, () => {
      const nowSecs = (time.startWallMs + time.nowMs) / 1000;
      utimesSync(file, nowSecs, nowSecs);
    });
    const taking = aLock()
      .take()
      .catch((error: unknown) => error);
    expect(await passing(taking)).toMatchObject({ message: expect.stringContaining('host2') });
    shows();
  });

  it.each([
    ['another place', (): object => ({ place: 'host2 pid:[1]' })],
    ['nobody can tell where', (): object => ({ pid: undefined })],
  ])('is taken from a holder in %s that does not show itself', async (_where, changes) => {
    held(await mine(changes()), time.startWallMs);
    const lock = aLock();
    const before = time.nowMs;
    await passing(lock.take());
    expect(time.nowMs - before).toBeGreaterThanOrEqual(4000);
    expect(holders()).not.toContain('other');
    await lock.release();
  });

  it('is taken at once from a holder in another place that has been silent', async () => {
    held('rubbish', time.startWallMs - 60_000);
    const lock = aLock();
    await lock.take();
    expect(logger.text()).not.toContain('Waiting');
    await lock.release();
  });

  it('is shown to be held every second, and known to be lost', async () => {
    const lock = aLock();
    await lock.take();
    const [name = ''] = holders();
    utimesSync(inLock(name), 1, 1);
    await time.advance(1000);
    for (let turn = 0; turn < 200; turn += 1) await macrotask();
    expect(lock.lost).toBe(false);
    rmSync(inLock(name));
    await time.advance(1000);
    while (!lock.lost) await macrotask();
    held({});
    await lock.release();
    expect(holders()).toEqual(['other']);
  });
});
