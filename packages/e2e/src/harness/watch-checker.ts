import { keyOf, type InstanceChange } from '@artemis/core';
import type { Span, WatchRecord } from './watch-record.js';

/** A stretch of a node's change log: all changes that watchers are to be told of after `from`, up to `to`. */
export interface LogExtract {
  readonly logId: string;
  readonly from: number;
  readonly to: number;
  readonly changes: readonly InstanceChange[];
}

/**
 * Compares what a watcher was told with the change log of its node: whatever is missing, doubled, in another order or
 * of another content, and what was wrong in itself. Only stretches that the extract holds are compared; say with
 * {@link changesCompared} that it was not nothing.
 */
export function differencesFrom(log: LogExtract, record: WatchRecord): string[] {
  const index = new LogIndex(log);
  const seen = seenByService(record, log.logId);
  return [
    ...record.faults,
    ...record.spans
      .filter((span) => span.logId === log.logId)
      .flatMap((span) => differencesIn(span, index, seen.get(span.service) ?? [])),
  ];
}

/** How many changes of the log the watcher had to be told of. */
export function changesCompared(log: LogExtract, record: WatchRecord): number {
  const index = new LogIndex(log);
  const counts = record.spans
    .filter((span) => span.logId === log.logId)
    .map((span) => index.of(span.service).filter(within(span, log)).length);
  return counts.reduce((total, count) => total + count, 0);
}

const gone = 'gone';

/**
 * Compares what one node told with what another one did at which everything was written. Nodes leave out what is written
 * over before it is sent, so that the states of a key at the one must be some of those at the other, in that order.
 */
export function strangersIn(told: LogExtract, written: LogExtract): string[] {
  const origin = statesOf(written);
  return [...statesOf(told)].flatMap(([key, states]) => {
    const known = origin.get(key) ?? [];
    let place = 0;
    const stranger = states.find((state) => {
      place = known.indexOf(state, place) + 1;
      return place === 0;
    });
    return stranger === undefined ? [] : [`${key} was told to be ${stranger}, and was not, or not then`];
  });
}

/** What each key was at last, of those that were still there. */
export function lastStates(log: LogExtract): Map<string, string> {
  const last = [...statesOf(log)].map(([key, states]): [string, string] => [key, states.at(-1) ?? gone]);
  return new Map(last.filter(([, state]) => state !== gone));
}

/** What each key was, one after the other. */
function statesOf({ changes }: LogExtract): Map<string, string[]> {
  const states = new Map<string, string[]>();
  for (const { change_type: type, instance } of changes) {
    const key = keyOf(instance);
    const list = states.get(key) ?? [];
    states.set(key, list);
    list.push(type === 'delete' ? gone : textOf(instance));
  }
  return states;
}

class LogIndex {
  readonly #byService = new Map<string, InstanceChange[]>();

  constructor(readonly log: LogExtract) {
    for (const change of log.changes)
      append(this.#byService, change.instance.service_id.toLowerCase(), change);
  }

  of(service: string): readonly InstanceChange[] {
    return this.#byService.get(service) ?? [];
  }
}

function seenByService({ seen }: WatchRecord, logId: string): Map<string, InstanceChange[]> {
  const groups = new Map<string, InstanceChange[]>();
  for (const one of seen) if (one.logId === logId) append(groups, one.service, one.change);
  return groups;
}

function append(groups: Map<string, InstanceChange[]>, service: string, change: InstanceChange): void {
  const list = groups.get(service);
  if (list === undefined) groups.set(service, [change]);
  else list.push(change);
}

function within(span: Span, log: LogExtract): (change: InstanceChange) => boolean {
  const from = Math.max(span.from, log.from);
  const to = Math.min(span.to ?? log.to, log.to);
  return ({ revision }) => revision > from && revision <= to;
}

function differencesIn(span: Span, index: LogIndex, seen: readonly InstanceChange[]): string[] {
  const isWithin = within(span, index.log);
  const wanted = index.of(span.service).filter(isWithin);
  const got = seen.filter(isWithin);
  const at = wanted.findIndex((change, place) => textOf(change) !== textOf(got[place]));
  if (at < 0 && got.length === wanted.length) return [];
  const first = at < 0 ? wanted.length : at;
  return [
    `${span.service} after ${span.from}: told of ${got.length} changes, the log has ${wanted.length}; ` +
      `number ${first} is ${show(got[first])}, not ${show(wanted[first])}`,
  ];
}

function show(change: InstanceChange | undefined): string {
  if (change === undefined) return 'nothing';
  return `${change.revision} ${change.change_type} ${keyOf(change.instance)} ${textOf(change)}`;
}

/** Equal for equal changes, whatever the order of their fields. */
function textOf(told: object | undefined): string {
  return JSON.stringify(told, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
