/** Whether nodes provably hold the same, in one line. */
import { counted, joined, shortRoot } from './words.js';
import type { SurveyedNode } from './survey.js';

export interface Verdict {
  readonly equal: boolean;
  /** Whether another look a moment later may say otherwise: everybody answered, and changes may be under way. */
  readonly passing: boolean;
  /** Everything that stands against it; none when equal. */
  readonly problems: readonly string[];
  /** The line for people. */
  readonly line: string;
}

/** A node that said what can be compared. */
interface Comparable {
  readonly name: string;
  readonly root: string;
  readonly count: number;
}

/** Equal are nodes that all answered, have all joined, and have one root digest. */
export function judge(nodes: readonly SurveyedNode[]): Verdict {
  const comparable = nodes.flatMap(comparableOf);
  const lasting = [...nodes.flatMap(silence), ...namesakes(nodes), ...nodes.flatMap(incomparable)];
  const passing = [...nodes.flatMap(joining), ...differences(comparable)];
  const problems = [...lasting, ...passing];
  const equal = problems.length === 0;
  return {
    equal,
    passing: lasting.length === 0 && !equal,
    problems,
    line: equal ? praise(comparable) : `NOT equal: ${problems.join('; ')}`,
  };
}

function praise(nodes: readonly Comparable[]): string {
  const [first] = nodes;
  if (first === undefined) throw new Error('a survey holds the node that was asked first');
  const holding = `${counted(first.count, 'instance')} (root ${shortRoot(first.root)})`;
  if (nodes.length === 1) return `Provably equal: the only node holds ${holding}`;
  return `Provably equal: ${nodes.length} of ${nodes.length} nodes hold the same ${holding}`;
}

function silence({ name, failure }: SurveyedNode): string[] {
  return failure === undefined ? [] : [`${name} does not answer (${failure})`];
}

function namesakes(nodes: readonly SurveyedNode[]): string[] {
  const names = nodes.map(({ name }) => name);
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  return twice.map((twin) => `${names.filter((name) => name === twin).length} nodes call themselves ${twin}`);
}

function incomparable({ name, report }: SurveyedNode): string[] {
  if (report === undefined) return [];
  const { root_digest: root, live_records: count, synced, version = 'unknown' } = report.self;
  if (root !== undefined && count !== undefined && synced !== undefined) return [];
  return [`${name} (version ${version}) tells no digest of what it holds`];
}

function joining({ name, report }: SurveyedNode): string[] {
  return report?.self.synced === false ? [`${name} is still joining`] : [];
}

function comparableOf({ name, report }: SurveyedNode): Comparable[] {
  const { root_digest: root, live_records: count } = report?.self ?? {};
  return root === undefined || count === undefined ? [] : [{ name, root, count }];
}

/** Who holds what, the largest group first; nothing when all hold the same. */
function differences(nodes: readonly Comparable[]): string[] {
  const roots = [...new Set(nodes.map(({ root }) => root))];
  const groups = roots
    .map((root) => nodes.filter((node) => node.root === root))
    .sort((a, b) => b.length - a.length);
  if (groups.length <= 1) return [];
  return groups.map((group, index) => {
    const names = joined(group.map(({ name }) => name));
    const { count = 0, root = '' } = group[0] ?? {};
    const what = index === 0 ? counted(count, 'instance') : String(count);
    return `${names} ${group.length === 1 ? 'holds' : 'hold'} ${what} (root ${shortRoot(root)})`;
  });
}
