import { expect, it } from '@jest/globals';
import type { Answer } from './ask.js';
import type { NodeReport, PeerReport } from './node-report.js';
import { survey } from './survey.js';

function peer(url: string, node: string | undefined, run: string | undefined): PeerReport {
  const known = { ...(node !== undefined && { node_id: node }), ...(run !== undefined && { run_id: run }) };
  return { address: url.slice(7), url, status: 'alive', lag_ms: 0, outbox_depth: 0, ...known };
}

function report(node: string, run: string, peers: PeerReport[] = []): { report: NodeReport } {
  return { report: { self: { node_id: node, run_id: run, status: 'up' }, peers } };
}

/** Surveys from the URL `http://a`; what is not in `answers` does not answer. */
async function surveyed(answers: Record<string, Answer>) {
  const asked: string[] = [];
  const nodes = await survey(['http://a'], 1000, async (url) => {
    asked.push(url);
    return answers[url] ?? { failure: 'unknown host' };
  });
  return {
    asked,
    names: nodes.map(({ name, failure }) => (failure === undefined ? name : `${name}: ${failure}`)),
  };
}

it('does not ask a node again at another address, when its run is known there', async () => {
  const answers = {
    'http://a': report('node1', 'run1', [peer('http://b', 'node2', 'run2')]),
    'http://b': report('node2', 'run2', [peer('http://a-inside', 'node1', 'run1')]),
  };
  expect(await surveyed(answers)).toEqual({ asked: ['http://a', 'http://b'], names: ['node1', 'node2'] });
});

it('knows a node by its id that answers at one address and not at another', async () => {
  const answers = {
    'http://a': report('node1', 'run1', [peer('http://b', 'node2', 'run2')]),
    // Has not been asked since the first node started anew.
    'http://b': report('node2', 'run2', [peer('http://a-inside', 'node1', 'run0')]),
  };
  expect((await surveyed(answers)).names).toEqual(['node1', 'node2']);
});

it('calls a node that does not answer by the id that another one knows', async () => {
  const answers = {
    'http://a': report('node1', 'run1', [
      peer('http://b', undefined, undefined),
      peer('http://c', 'node3', 'run3'),
    ]),
    'http://c': report('node3', 'run3', [peer('http://b', 'node2', 'run2')]),
  };
  expect((await surveyed(answers)).names).toEqual(['node1', 'node2: unknown host', 'node3']);
});

it('lists a node once that answers at none of the addresses by which others know it', async () => {
  const answers = {
    'http://a': report('node1', 'run1', [
      peer('http://b', 'node2', 'run2'),
      peer('http://c1', 'node3', 'run3'),
    ]),
    'http://b': report('node2', 'run2', [
      peer('http://c2', 'node3', 'run3'),
      peer('http://d', 'node3', 'run4'),
    ]),
  };
  // Two nodes with one id are two.
  const silent = ['node3: unknown host', 'node3: unknown host'];
  expect((await surveyed(answers)).names).toEqual(['node1', 'node2', ...silent]);
});

it('calls a node that nobody has ever heard by its address', async () => {
  const answers = { 'http://a': report('node1', 'run1', [peer('http://b:80', undefined, undefined)]) };
  expect((await surveyed(answers)).names).toEqual(['b:80: unknown host', 'node1']);
});

it('sorts node10 behind node9', async () => {
  const answers = {
    'http://a': report('node10', 'run10', [peer('http://b', 'node9', 'run9')]),
    'http://b': report('node9', 'run9'),
  };
  expect((await surveyed(answers)).names).toEqual(['node9', 'node10']);
});
