/** What a frame of a WebSocket says of itself. */
export const opcodes = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const longestShort = 125;
const inTwoBytes = 126;
const inEightBytes = 127;

export interface FrameParts {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Default: the last of its message. */
  readonly fin?: boolean;
  /** The three bits that mean nothing here. */
  readonly reserved?: number;
  /** Default: masked, as a client must. */
  readonly masked?: boolean;
  /** How the length is written. Default: as short as it can be. */
  readonly lengthIn?: 1 | 2 | 8;
  /** The length that is said. Default: the right one. */
  readonly length?: bigint;
}

/** The bytes of a frame, as a client sends it, or as none may. */
export function frameBytes(parts: FrameParts): Buffer {
  const { opcode, payload, fin = true, reserved = 0, masked = true } = parts;
  const length = parts.length ?? BigInt(payload.length);
  const shortest = length <= longestShort ? 1 : length <= 0xffff ? 2 : 8;
  const lengthIn = parts.lengthIn ?? shortest;
  const extended = Buffer.alloc(lengthIn === 1 ? 0 : lengthIn);
  if (lengthIn === 2) extended.writeUInt16BE(Number(length & 0xffffn));
  if (lengthIn === 8) extended.writeBigUInt64BE(length);
  const said = lengthIn === 1 ? Number(length & 0x7fn) : lengthIn === 2 ? inTwoBytes : inEightBytes;
  const mask = masked ? Buffer.from([0x5a, 0x01, 0xfe, 0x33]) : Buffer.alloc(0);
  const head = Buffer.from([(fin ? 0x80 : 0) | (reserved << 4) | opcode, (masked ? 0x80 : 0) | said]);
  const content = masked ? payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)) : payload;
  return Buffer.concat([head, extended, mask, content]);
}

export const textFrame = (text: string): Buffer =>
  frameBytes({ opcode: opcodes.text, payload: Buffer.from(text, 'utf8') });

export interface ReadFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/**
 * The first whole frame of a server, and where it ends; `undefined` when more must come.
 *
 * @throws Error when a server may not send it
 */
export function readFrame(bytes: Buffer): { frame: ReadFrame; end: number } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  if ((first & 0xf0) !== 0x80) throw new Error(`a frame of the node begins with ${first.toString(16)}`);
  if (second > inEightBytes) throw new Error('the node masks its frames');
  const lengthIn = second === inTwoBytes ? 2 : second === inEightBytes ? 8 : 0;
  if (bytes.length < 2 + lengthIn) return undefined;
  const length =
    lengthIn === 0 ? second : lengthIn === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = 2 + lengthIn + length;
  if (bytes.length < end) return undefined;
  return { frame: { opcode: first & 0x0f, payload: bytes.subarray(2 + lengthIn, end) }, end };
}
