/** Numbers and lists as people read them. */

const shortLength = 8;

/** As much of a root digest as tells two of them apart at a glance. */
export function shortRoot(root: string): string {
  return root.slice(0, shortLength);
}

/** `1 instance`, `1000 instances`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function joined(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** `850ms`, `12s`, `2h 14m`: the two largest units. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  let secs = Math.floor(ms / 1000);
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const amount = Math.floor(secs / size);
    secs -= amount * size;
    if (amount > 0 || parts.length > 0) parts.push(`${amount}${unit}`);
  }
  return parts
    .slice(0, 2)
    .filter((part) => !part.startsWith('0'))
    .join(' ');
}
