/** 64 bits of a text, as two whole numbers of 32. */
export interface TextHash {
  readonly high: number;
  readonly low: number;
}

/**
 * Two independent FNV-1a lanes over the code units. The same in every process and every engine, which is what
 * consistent hashing lives on; not for secrets.
 */
export function hashText(text: string): TextHash {
  let high = 0x811c9dc5;
  let low = 0x9747b28c;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x5bd1e995);
    low ^= low >>> 15;
  }
  return { high: mix(high), low: mix(low) };
}

/** A number in (0, 1) made from both, without regard to anything else. */
export function combine(a: TextHash, b: TextHash): number {
  const high = mix(a.high ^ Math.imul(b.high, 0x9e3779b1));
  const low = mix(a.low ^ Math.imul(b.low, 0x85ebca77) ^ high);
  // 52 bits and a half: neither 0 nor 1 can come out.
  return ((high >>> 6) * 2 ** 26 + (low >>> 6) + 0.5) / 2 ** 52;
}

/** The finaliser of MurmurHash3 (A. Appleby): every bit of the input changes half of those of the result. */
function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
