import { describe, expect, it } from '@jest/globals';
import type { PeerRequest, PeerResponse } from '../traits/runtime.js';
import { TransportError } from '../traits/runtime.js';
import { SeededRandom } from './seeded-random.js';
import { SimNetwork } from './sim-network.js';
import { transportCases } from './transport-cases.js';
import type { PeerBehaviour, ReceivedRequest, TransportHarness } from './transport-harness.js';
import { VirtualTime } from './virtual-time.js';
import type { TextAnswer } from './wire-text.js';

const peerUrl = 'http://peer:8080';
const maxAnswerBytes = 100_000;

function simulated(): TransportHarness {
  const time = new VirtualTime();
  const network = new SimNetwork({
    scheduler: time.scheduler,
    random: new SeededRandom(1),
    maxAnswerBytes,
  });
  const seen: ReceivedRequest[] = [];

  const behave = (
    behaviour: PeerBehaviour,
    received: ReceivedRequest,
  ): Promise<PeerResponse | TextAnswer> => {
    switch (behaviour.kind) {
      case 'echo':
        return new Promise((resolve) => {
          const answer = { status: 200, headers: {}, body: received };
          time.scheduler.after(behaviour.delayMs ?? 0, () => resolve(answer));
        });
      case 'answer': {
        const { status, headers = {}, text = '' } = behaviour;
        return Promise.resolve({ status, headers, text });
      }
      case 'hang':
        return new Promise(() => undefined);
      case 'reset':
        return Promise.reject(new TransportError('reset', 'the connection was reset'));
      case 'refuse':
        throw new Error('nobody listens');
    }
  };

  return {
    transport: network.transport('http://self:8080'),
    peerUrl,
    maxAnswerBytes,
    async setBehaviour(behaviour) {
      if (behaviour.kind === 'refuse') return network.detach(peerUrl);
      network.attach(peerUrl, ({ method, path, headers, body }: PeerRequest) => {
        const received = { method, path, headers, ...(body === undefined ? {} : { body }) };
        seen.push(received);
        return behave(behaviour, received);
      });
    },
    requests: () => seen,
    settle: (promise) => time.finish(promise),
  };
}

describe('the simulated transport', () => {
  it.each(transportCases.map((one) => [one.name, one] as const))('%s', (_name, { run }) => run(simulated()));

  it('is held to cases that can fail: another answer is noticed', async () => {
    const [first] = transportCases;
    const harness = simulated();
    const deaf = { ...harness.transport, call: async () => ({ status: 200, headers: {}, body: {} }) };
    await expect(first?.run({ ...harness, transport: deaf })).rejects.toThrow('method and path');
  });
});
