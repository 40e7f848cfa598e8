import { describe, expect, it } from '@jest/globals';
import { inject } from './inject.fixture.js';
import type { WholeRequest } from './whole-request.js';

const body = 'x'.repeat(100);

describe('a request whose body can be had in one piece', () => {
  it('hands it over in the turn in which it is complete, and says that it has ended', async () => {
    const answer = await inject(
      (req, res) => {
        const whole = req as WholeRequest;
        const take = (bytes: Buffer) =>
          res.end(`${bytes.toString()} ${whole.complete} ${whole.readableEnded}`);
        expect(whole.takeWhole({ take, gone: () => undefined })).toBe(true);
      },
      { path: '/', body },
    );
    expect(answer.text).toBe(`${body} true true`);
  });

  it('leaves it to the stream when some of it is there already', async () => {
    const answer = await inject(
      (req, res) => {
        const read = () => {
          const taker = { take: () => res.destroy(), gone: () => res.destroy() };
          expect((req as WholeRequest).takeWhole(taker)).toBe(false);
          const chunks: Buffer[] = [];
          req.on('data', (chunk: Buffer) => chunks.push(chunk));
          req.on('end', () => res.end(Buffer.concat(chunks)));
        };
        req.once('readable', read);
      },
      { path: '/', body },
    );
    expect(answer.text).toBe(body);
  });
});
