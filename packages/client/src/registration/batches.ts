/** Most items of one request: few enough that others get their turn between two of them. */
const mostItems = 500;
/** Most characters of their JSON: a frame of the socket has its limit. */
const mostCharacters = 256 * 1024;

/** The first of `items`, as many as one request takes; at least one. */
export function firstBatch<T>(items: readonly T[]): T[] {
  const batch: T[] = [];
  let characters = 0;
  for (const item of items.slice(0, mostItems)) {
    characters += JSON.stringify(item).length;
    if (batch.length > 0 && characters > mostCharacters) break;
    batch.push(item);
  }
  return batch;
}
