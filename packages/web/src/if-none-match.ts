/**
 * Whether the caller already holds the answer with this `ETag`. Compared weakly, as `If-None-Match` must be: a cache
 * or proxy that compressed the answer may have put `W/` before it.
 *
 * @param header value of `If-None-Match`: `*`, or a list of tags
 */
export function holdsAnswer(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const tags: readonly string[] = header.match(/"[^"]*"/g) ?? [];
  return tags.includes(etag);
}
