import type { SeededRandom } from '@artemis/core/testing';
import { frameBytes, opcodes, textFrame, type FrameParts } from './frames.js';
import type { PushWorld, Step } from './talk.js';

const ping = Buffer.from('{"type":"ping"}');
const utf8 = Buffer.from('{"type":"subscribe","service_id":"é😀"}');
const { more, text, binary, close, pong } = opcodes;
const control = opcodes.ping;
/** In place of a code: perhaps the node has had enough, and says no more. */
export const mayBeCut = 0;

const withCode = (code: number, reason: Buffer | string = ''): Buffer => {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return Buffer.concat([payload, Buffer.from(reason as string)]);
};

type Odd = readonly [
  label: string,
  frames: readonly (Partial<FrameParts> & { opcode: number })[],
  ...closes: number[],
];

/** Frames that follow the protocol in an unusual way, or not at all. */
export function frameStep(_world: PushWorld, random: SeededRandom): Step {
  const half = random.int(1, ping.length - 1);
  const [label, frames, ...closes] = random.pick<Odd>([
    [
      'a message in two parts',
      [
        { opcode: text, fin: false, payload: ping.subarray(0, half) },
        { opcode: more, payload: ping.subarray(half) },
      ],
    ],
    [
      'a message in bytes',
      [...ping].map((byte, index) => ({
        opcode: index === 0 ? text : more,
        fin: index === ping.length - 1,
        payload: Buffer.of(byte),
      })),
    ],
    [
      'a ping within a message',
      [
        { opcode: text, fin: false, payload: ping.subarray(0, half) },
        { opcode: control, payload: ping },
        { opcode: more, payload: ping.subarray(half) },
      ],
    ],
    [
      'parts of nothing',
      [
        { opcode: text, fin: false },
        ...Array<Odd[1][number]>(200).fill({ opcode: more, fin: false }),
        { opcode: more, payload: ping },
      ],
    ],
    [
      'a character in two parts',
      [
        { opcode: text, fin: false, payload: utf8.subarray(0, -8) },
        { opcode: more, payload: utf8.subarray(-8) },
      ],
    ],
    ['a length in two bytes', [{ opcode: text, payload: ping, lengthIn: 2 }]],
    ['a length in eight bytes', [{ opcode: text, payload: ping, lengthIn: 8 }]],
    [
      'pings',
      Array<Odd[1][number]>(random.pick([1, 3])).fill({ opcode: control, payload: Buffer.alloc(125) }),
    ],
    [
      'more pings than can be answered at once',
      Array<Odd[1][number]>(2_000).fill({ opcode: control, payload: Buffer.alloc(125) }),
      mayBeCut,
    ],
    ['a pong that nobody asked for', [{ opcode: pong, payload: Buffer.from('x') }]],
    ['no mask', [{ opcode: text, payload: ping, masked: false }], 1002],
    ['a ping without a mask', [{ opcode: control, masked: false }], 1002],
    ['reserved bits', [{ opcode: text, payload: ping, reserved: random.pick([1, 2, 4, 7]) }], 1002],
    ['an unknown opcode', [{ opcode: random.pick([3, 4, 7, 11, 15]), payload: ping }], 1002],
    ['binary', [{ opcode: binary, payload: ping }], 1003],
    ['binary of nothing', [{ opcode: binary }], 1003],
    [
      'binary in parts',
      [
        { opcode: binary, fin: false, payload: ping },
        { opcode: more, payload: ping },
      ],
      1003,
    ],
    ['the rest of nothing', [{ opcode: more, payload: ping }], 1002],
    [
      'a message within a message',
      [
        { opcode: text, fin: false, payload: ping },
        { opcode: text, payload: ping },
      ],
      1002,
    ],
    ['a long ping', [{ opcode: control, payload: Buffer.alloc(126) }], 1002],
    ['a ping in parts', [{ opcode: control, fin: false, payload: ping }], 1002],
    ['no UTF-8', [{ opcode: text, payload: Buffer.from([0x22, 0xc0, 0x80, 0x22]) }], 1007],
    ['a surrogate', [{ opcode: text, payload: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) }], 1007],
    ['half a character', [{ opcode: text, payload: Buffer.from('"é').subarray(0, -1) }], 1007],
    [
      'a character of five bytes',
      [{ opcode: text, payload: Buffer.from([0xf8, 0x88, 0x80, 0x80, 0x80]) }],
      1007,
    ],
    ['a message of 1 MiB and more', [{ opcode: text, payload: Buffer.alloc(1_048_577, ' ') }], 1009],
    [
      'parts of 1 MiB and more',
      Array<Odd[1][number]>(5)
        .fill({ opcode: more, fin: false, payload: Buffer.alloc(262_144, ' ') })
        .map((part, index) => ({ ...part, opcode: index === 0 ? text : more })),
      1009,
    ],
    ['a length of 2 GiB', [{ opcode: text, lengthIn: 8, length: 2_147_483_648n }], 1009],
    ['a length beyond numbers', [{ opcode: text, lengthIn: 8, length: 0x7fffffffffffffffn }], 1009],
    ['a negative length', [{ opcode: text, lengthIn: 8, length: 0xffffffffffffffffn }], 1009, 1002],
    ['a close', [{ opcode: close, payload: withCode(1000, 'bye') }], 1000],
    ['a close without a code', [{ opcode: close }], 1000, 1005],
    ['a close of one byte', [{ opcode: close, payload: Buffer.of(3) }], 1002],
    [
      'a close with a wrong code',
      [{ opcode: close, payload: withCode(random.pick([0, 999, 1005, 1006, 1015, 2999, 65_535])) }],
      1002,
    ],
    [
      'a close that is no UTF-8',
      [{ opcode: close, payload: Buffer.concat([withCode(1000), Buffer.of(0xff)]) }],
      1007,
    ],
    [
      'a close, and more',
      [
        { opcode: close, payload: withCode(4_000) },
        { opcode: text, payload: ping },
      ],
      4_000,
    ],
    ['a request of HTTP', [], 1002],
  ]);
  const bytes =
    frames.length > 0
      ? Buffer.concat(frames.map((frame) => frameBytes({ payload: Buffer.alloc(0), ...frame })))
      : Buffer.from('GET /health HTTP/1.1\r\nHost: a\r\n\r\n');
  return { label, bytes, ...(closes.length > 0 && { closes }) };
}

/** The beginning of something that never comes to its end; only ever the last step. */
export function unfinishedStep(random: SeededRandom): Step {
  const whole = random.pick([
    textFrame('{"type":"subscribe_all"}'),
    frameBytes({ opcode: text, payload: Buffer.alloc(100_000, ' '), length: 1_000_000n }),
    frameBytes({ opcode: text, fin: false, payload: ping }),
  ]);
  return { label: 'the beginning of a frame', bytes: whole.subarray(0, random.int(1, whole.length - 1)) };
}
