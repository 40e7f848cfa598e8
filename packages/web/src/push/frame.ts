/** First byte of a text message that is whole, and of a ping. */
const wholeText = 0x81;
const ping = 0x89;
/** Lengths that say: the length follows in two bytes, in eight bytes. */
const inTwoBytes = 126;
const inEightBytes = 127;

/** A whole WebSocket text message, as a server sends it. Made once, and written to any number of sockets. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < inTwoBytes ? 2 : length <= 0xffff ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = wholeText;
  if (start === 2) {
    frame[1] = length;
  } else if (start === 4) {
    frame[1] = inTwoBytes;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = inEightBytes;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, start);
  return frame;
}

/** A ping without content. */
export function pingFrame(): Buffer {
  return Buffer.of(ping, 0);
}
