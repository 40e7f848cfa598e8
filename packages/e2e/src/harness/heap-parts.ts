/** A heap snapshot of V8: numbers in rows of nodes and edges. */
interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
      readonly edge_fields: readonly string[];
      readonly edge_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
}

/** What belongs to a part of a node, beginning at all objects of a class, or at what they have under that name. */
export interface HeapPart {
  readonly part: string;
  readonly className: string;
  readonly property?: string;
}

/** Nothing that is kept for an instance is of these kinds, and through them everything leads to everything. */
const passedOver = new Set(['code', 'closure', 'object shape', 'native']);
/** Of the kind `native`, and yet what a typed array keeps its numbers in. */
const buffer = 'system / JSArrayBufferData';

/** A snapshot with names for the columns of its rows. */
class Heap {
  readonly #heap: HeapSnapshot;
  readonly #width: number;
  readonly #edgeWidth: number;
  /** Where the edges of each node begin. */
  readonly #edgesFrom: number[] = [0];

  constructor(json: string) {
    this.#heap = JSON.parse(json) as HeapSnapshot;
    const { node_fields: nodeFields, edge_fields: edgeFields } = this.#heap.snapshot.meta;
    this.#width = nodeFields.length;
    this.#edgeWidth = edgeFields.length;
    const counts = nodeFields.indexOf('edge_count');
    let from = 0;
    for (let row = counts; row < this.#heap.nodes.length; row += this.#width) {
      from += (this.#heap.nodes[row] as number) * this.#edgeWidth;
      this.#edgesFrom.push(from);
    }
  }

  get nodes(): number {
    return this.#heap.nodes.length / this.#width;
  }

  kind(node: number): string {
    const [kinds] = this.#heap.snapshot.meta.node_types;
    return kinds[this.#column(node, 'type')] as string;
  }

  name(node: number): string {
    return this.#heap.strings[this.#column(node, 'name')] as string;
  }

  bytes(node: number): number {
    return this.#column(node, 'self_size');
  }

  *edges(node: number): Iterable<{ readonly name: string; readonly to: number }> {
    const { edges, strings, snapshot } = this.#heap;
    const [kinds] = snapshot.meta.edge_types;
    const [first, end] = [this.#edgesFrom[node] as number, this.#edgesFrom[node + 1] as number];
    for (let edge = first; edge < end; edge += this.#edgeWidth) {
      const kind = kinds[edges[edge] as number];
      if (kind === 'weak') continue;
      const name = kind === 'property' ? (strings[edges[edge + 1] as number] as string) : '';
      yield { name, to: (edges[edge + 2] as number) / this.#width };
    }
  }

  #column(node: number, field: string): number {
    const column = this.#heap.snapshot.meta.node_fields.indexOf(field);
    return this.#heap.nodes[node * this.#width + column] as number;
  }
}

/** Bytes by part, and of the whole heap under `all`. What two parts reach belongs to the one that is named first. */
export function bytesByPart(snapshot: string, parts: readonly HeapPart[]): ReadonlyMap<string, number> {
  const heap = new Heap(snapshot);
  const owned = new Uint8Array(heap.nodes);
  const seeds = seedsOf(heap, parts);
  for (const { nodes } of seeds) for (const node of nodes) owned[node] = 1;
  const bytes = new Map<string, number>();
  for (const { part, nodes } of seeds) {
    const reached = [...nodes];
    let sum = 0;
    for (let node = reached.pop(); node !== undefined; node = reached.pop()) {
      sum += heap.bytes(node);
      for (const { to } of heap.edges(node)) {
        if (owned[to] === 1 || (passedOver.has(heap.kind(to)) && heap.name(to) !== buffer)) continue;
        owned[to] = 1;
        reached.push(to);
      }
    }
    bytes.set(part, (bytes.get(part) ?? 0) + sum);
  }
  let all = 0;
  for (let node = 0; node < heap.nodes; node += 1) all += heap.bytes(node);
  return bytes.set('all', all);
}

interface Seeds {
  readonly part: string;
  readonly nodes: ReadonlySet<number>;
}

function seedsOf(heap: Heap, parts: readonly HeapPart[]): Seeds[] {
  const seeds = parts.map((part) => ({ ...part, nodes: new Set<number>() }));
  for (let node = 0; node < heap.nodes; node += 1) {
    if (heap.kind(node) !== 'object') continue;
    const name = heap.name(node);
    for (const { className, property, nodes } of seeds) {
      if (className !== name) continue;
      if (property === undefined) nodes.add(node);
      else for (const edge of heap.edges(node)) if (edge.name === property) nodes.add(edge.to);
    }
  }
  return seeds;
}
