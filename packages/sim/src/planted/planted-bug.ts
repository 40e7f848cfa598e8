/** A defect that somebody might write: one line of the built code, changed. */
export interface PlantedBug {
  /** A few words, as it is listed. */
  readonly name: string;
  /** What is changed, for people. */
  readonly about: string;
  /** The built file: `server/replication/intake.js` is that of `packages/server/dist`. */
  readonly file: string;
  /** Stands in the file exactly once, or the table is no longer true. */
  readonly search: string;
  readonly replace: string;
  /** Which scenario must notice. */
  readonly scenario: string;
  /**
   * The seed that is known to show it. Some that follow are tried as well: whatever is changed elsewhere may change what
   * happens with one of them.
   */
  readonly seed: number;
  readonly nodes?: number;
}

/** Throws when the text is not there exactly once. */
export function patched(source: string, { name, file, search, replace }: PlantedBug): string {
  const parts = source.split(search);
  if (parts.length !== 2) {
    throw new Error(
      `planted bug "${name}": ${file} holds ${parts.length - 1} times, not once: ${search}\n` +
        'The code has changed: say anew which line the bug is in.',
    );
  }
  return parts.join(replace);
}
