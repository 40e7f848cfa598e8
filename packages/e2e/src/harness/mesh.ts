import type { Settings } from './config-file.js';
import { Link } from './link.js';
import { NodeProcess, untilConnected } from './node-process.js';
import { freePorts } from './ports.js';
import type { Stage } from './stage.js';

/** Nodes of which each reaches every other one by a link of its own, so that one direction alone can be cut. */
export class Mesh {
  readonly #links = new Map<string, Link>();

  private constructor(readonly nodes: readonly NodeProcess[]) {}

  /** Starts nodes `node1` …, and waits until each sees all others alive. */
  static async start(stage: Stage, count: number, settings: Settings = {}): Promise<Mesh> {
    const ports = await freePorts(count);
    const nodes: NodeProcess[] = [];
    const mesh = new Mesh(nodes);
    for (const [from, port] of ports.entries()) {
      const links: Link[] = [];
      for (const [to, target] of ports.entries()) {
        if (to === from) continue;
        const link = await Link.start(stage, target);
        mesh.#links.set(`${from + 1}>${to + 1}`, link);
        links.push(link);
      }
      const peers = links.map(({ address }) => address);
      nodes.push(new NodeProcess(stage, { name: `node${from + 1}`, port, peers, settings }));
    }
    await Promise.all(nodes.map((node) => node.ready()));
    await untilConnected(nodes);
    return mesh;
  }

  /** The way on which the calls of one node to another one go, by their numbers from 1. */
  link(from: number, to: number): Link {
    const link = this.#links.get(`${from}>${to}`);
    if (link === undefined) throw new Error(`there is no link from ${from} to ${to}`);
    return link;
  }

  /** Both ways between two nodes. */
  between(one: number, other: number): readonly [Link, Link] {
    return [this.link(one, other), this.link(other, one)];
  }
}
