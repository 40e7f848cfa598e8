import { simRuntime } from '@artemis/core/testing';
import { expect, it } from '@jest/globals';
import { createNode } from './node.js';

it('a node tells once that it begins to stop, to those who still want to know', async () => {
  const runtime = simRuntime();
  const node = createNode({}, runtime);
  const { health } = node.state;
  const told: string[] = [];
  health.onDrain(() => told.push(`stays, draining: ${health.draining}`));
  const forget = health.onDrain(() => told.push('left'));
  forget();
  await runtime.time.finish(node.start());
  expect([health.draining, told]).toEqual([false, []]);
  await runtime.time.finish(node.drain());
  expect(told).toEqual(['stays, draining: true']);
  await runtime.time.finish(node.stop());
  expect(told).toHaveLength(1);
});

it('a node that is stopped without a drain tells it, too', async () => {
  const runtime = simRuntime();
  const node = createNode({}, runtime);
  let told = 0;
  node.state.health.onDrain(() => (told += 1));
  await runtime.time.finish(node.start());
  await runtime.time.finish(node.stop());
  expect(told).toBe(1);
});
