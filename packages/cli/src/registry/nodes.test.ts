import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exitCodes } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { nodeAnswerSchema } from './answers.js';
import { FakeRegistry } from './fake-registry.fixture.js';
import { RegistryNodes } from './nodes.js';

let node1: FakeRegistry;
let node2: FakeRegistry;
const place = { region: 'local', zone: 'zone1' };

beforeEach(async () => {
  [node1, node2] = [await FakeRegistry.start('node1'), await FakeRegistry.start('node2')];
});
afterEach(() => {
  node1.stop();
  node2.stop();
});

function ask(nodes: RegistryNodes) {
  return nodes.ask({ method: 'GET', path: '/api/status/node.json', schema: nodeAnswerSchema });
}

async function failureOf(nodes: RegistryNodes): Promise<Failure> {
  const failure: unknown = await ask(nodes).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  return failure as Failure;
}

const unavailable = (message: string) => ({
  status: 503,
  body: JSON.stringify({ response_status: { error_code: 'service-unavailable', error_message: message } }),
});

it('asks the first node, and says who answered', async () => {
  const nodes = new RegistryNodes([node1.url, node2.url]);
  expect(await ask(nodes)).toEqual(place);
  expect([nodes.node, nodes.url]).toEqual(['node1', node1.url]);
  expect(node2.asked).toEqual([]);
});

it('asks the next when one is away or cannot answer, and keeps to the one that answers', async () => {
  node1.instead = unavailable('this node is joining');
  const away = await FakeRegistry.start();
  const { url } = away;
  away.stop();
  const nodes = new RegistryNodes([url, node1.url, node2.url]);
  expect(await ask(nodes)).toEqual(place);
  expect(await ask(nodes)).toEqual(place);
  expect([nodes.node, nodes.url]).toEqual(['node2', node2.url]);
  expect(node1.asked).toHaveLength(1);
});

describe('when nobody answers', () => {
  it('says that nothing listens, and what to do', async () => {
    node1.stop();
    const { message, exitCode } = await failureOf(new RegistryNodes([node1.url]));
    expect(message).toBe(
      `cannot ask the node at ${node1.url}: connection refused\n` +
        'Is it running (artemis server)? Name another with --addr or ARTEMIS_ADDR',
    );
    expect(exitCode).toBe(exitCodes.unknown);
  });

  it('says why a node cannot answer now, and how to wait', async () => {
    node1.instead = unavailable('this node is joining\u001b[2J');
    const { message, exitCode } = await failureOf(new RegistryNodes([node1.url]));
    expect(message).toBe(
      `the node at ${node1.url} cannot do this now: this node is joining\\u001b[2J\n` +
        'Try again in a moment (artemis cluster wait --ready), or name another node with --addr or ARTEMIS_ADDR',
    );
    expect(exitCode).toBe(exitCodes.unknown);
  });

  it('names each of several', async () => {
    node1.stop();
    node2.instead = unavailable('draining');
    const { message } = await failureOf(new RegistryNodes([node1.url, node2.url]));
    expect(message.split('\n').slice(0, 3)).toEqual([
      'none of the nodes can be asked',
      `  ${node1.url}: connection refused`,
      `  ${node2.url}: draining`,
    ]);
  });

  it.each([
    [200, '{}', 'its answer is not that of a node of Artemis'],
    [200, '<html>', 'its answer is not that of a node of Artemis'],
    [404, '<html>', 'HTTP 404, which is not the answer of a node of Artemis'],
    [302, '', 'HTTP 302, which is not the answer of a node of Artemis'],
  ])('knows a stranger by %s %s', async (status, body, reason) => {
    node1.instead = { status, body };
    expect((await failureOf(new RegistryNodes([node1.url]))).message).toContain(`${node1.url}: ${reason}\n`);
  });
});

it('does not ask another node what one refuses', async () => {
  const body = {
    response_status: { error_code: 'bad-request', error_message: 'instances: expected a list' },
  };
  node1.instead = { status: 422, body: JSON.stringify(body) };
  const { message, exitCode } = await failureOf(new RegistryNodes([node1.url, node2.url]));
  expect(message).toBe('node1 refuses: instances: expected a list');
  expect(exitCode).toBe(exitCodes.failure);
  expect(node2.asked).toEqual([]);
});
