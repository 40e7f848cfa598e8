import { describe, expect, it } from '@jest/globals';
import { holdsAnswer } from './if-none-match.js';

describe('If-None-Match', () => {
  const etag = '"node1#k3,f9-7"';

  it.each([etag, `W/${etag}`, '*', ' * ', `"a", ${etag}`, `W/"a",W/${etag} , "b"`, `"a"${etag}`])(
    '%s holds it',
    (header) => {
      expect(holdsAnswer(header, etag)).toBe(true);
    },
  );

  it.each([undefined, '', '"node1#k3,f9-8"', 'node1#k3,f9-7', '"node1#k3", "f9-7"', `"a${etag}`, '"*"'])(
    '%s does not',
    (header) => {
      expect(holdsAnswer(header, etag)).toBe(false);
    },
  );
});
