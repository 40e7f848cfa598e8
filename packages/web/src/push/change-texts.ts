import { serviceKeyOf, toInstanceChange, type Change } from '@artemis/core';

/** Changes in one message: more make others wait, and their sender. */
const runLength = 500;

/** Changes of one service that come one after another, with none of another service between them. */
export interface ChangeRun {
  /** Lower-case id of the service. */
  readonly key: string;
  /** At least one, in order of revision, each of them seen by watchers. */
  readonly changes: readonly Change[];
}

/** Parts changes in order of revision into runs. What watchers do not see is left out. */
export function* runsOf(changes: Iterable<Change>): Generator<ChangeRun> {
  let key = '';
  let run: Change[] = [];
  for (const change of changes) {
    if (change.type === undefined) continue;
    const changeKey = serviceKeyOf(change.record.instanceKey.service_id);
    if (run.length > 0 && (changeKey !== key || run.length === runLength)) {
      yield { key, changes: run };
      run = [];
    }
    key = changeKey;
    run.push(change);
  }
  if (run.length > 0) yield { key, changes: run };
}

/** Changes as JSON, each encoded at most once, whoever asks for it and however often. */
export class ChangeTexts {
  readonly #texts = new WeakMap<Change, string>();

  /** The change as an `InstanceChange`. */
  of(change: Change): string {
    const known = this.#texts.get(change);
    if (known !== undefined) return known;
    const text = JSON.stringify(toInstanceChange(change));
    this.#texts.set(change, text);
    return text;
  }
}
