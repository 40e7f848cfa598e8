/** Why a node lists an instance, or does not, in plain words. */
import { duration } from '../cluster/words.js';
import { escapeControls } from '../escape-controls.js';
import type { Explanation } from './answers.js';
import type { Screen } from './screen.js';
import { nameOf, placeOf, timeLeft, timeOfDay } from './words.js';

const indent = '  ';

/** @param hint what may be wrong with the question */
export function explanationText(explanation: Explanation, screen: Screen, hint?: string): string {
  const { paint } = screen;
  const { instance_key: key, node_id: node, listed } = explanation;
  const verdict = listed ? paint('green', 'listed') : paint('red', 'NOT listed');
  const parts = [
    [`${paint('bold', nameOf(key))} in ${placeOf(key)} is ${verdict} at ${escapeControls(node)}`],
    explanation.filters.map(({ name, passed, detail }) => {
      const mark = passed ? paint('green', 'yes') : paint('red', 'NO ');
      return `${mark} ${escapeControls(name).padEnd(10)}  ${escapeControls(detail)}`;
    }),
    facts(explanation),
    changes(explanation),
    hint === undefined ? [] : [hint],
  ];
  const [head = [], ...details] = parts.filter((lines) => lines.length > 0);
  const lines = [...head, ...details.flatMap((part, index) => (index > 0 ? ['', ...part] : part))];
  return lines
    .flatMap((line) => line.split('\n'))
    .map((line, index) => (index === 0 || line === '' ? `${line}\n` : `${indent}${line}\n`))
    .join('');
}

/** What is known of the record, of its owner and of its lease. */
function facts({ record, owner, lease, node_id: node }: Explanation): string[] {
  const lines: string[] = [];
  if (record !== undefined) {
    const what = record.state === 'removed' ? (record.reason ?? 'removed') : 'registered';
    const [at] = record.registered_at.split('#');
    lines.push(`It was ${what} at ${moment(record.registered)} by way of ${at ?? record.registered_at}.`);
  }
  if (owner !== undefined) {
    const self = owner.status === 'self' || owner.node_id === node;
    const seen =
      owner.status === 'unknown' ? 'which is not known here' : `which is ${owner.status} as seen from here`;
    lines.push(`Its owner, who may expire it, is ${self ? 'this node' : `${owner.node_id}, ${seen}`}.`);
  }
  if (lease !== undefined) {
    const { ttl_ms: ttl, age_ms: age, remaining_ms: left } = lease;
    const end = left > 0 ? `ends in ${timeLeft(left)} unless renewed` : `ended ${duration(-left)} ago`;
    lines.push(`Its lease of ${duration(ttl)} was renewed ${duration(age)} ago and ${end}.`);
  }
  return lines.map(escapeControls);
}

const shownChanges = 5;

function changes({ last_changes: all }: Explanation): string[] {
  if (all.length === 0) return [];
  const origins: Readonly<Record<string, string>> = {
    local: 'at this node',
    peer: 'told by a peer',
    recovery: 'from the store',
    view: 'as seen from here',
  };
  const lines = all.slice(0, shownChanges).map(({ change_time: time, reason, origin, revision }) => {
    return escapeControls(`${moment(time)}  ${reason}, ${origins[origin] ?? origin} (revision ${revision})`);
  });
  const more = all.length - lines.length;
  return ['Last changes here:', ...lines, ...(more > 0 ? [`… and ${more} more, with --json`] : [])];
}

/** By the clock of this machine, with the date unless it is of today. */
function moment(text: string): string {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text;
  const today = date.toDateString() === new Date().toDateString();
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return today ? timeOfDay(date) : `${day} ${timeOfDay(date)}`;
}
