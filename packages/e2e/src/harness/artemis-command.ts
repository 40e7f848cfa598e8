import { artemisBin, Child, type ChildOptions } from './child.js';
import type { Stage } from './stage.js';

const longestMs = 60_000;

export interface CommandOutcome {
  readonly code: number | null;
  readonly out: string[];
  readonly err: string;
}

/** The `artemis` command against some nodes. The stage kills what is left of it. */
export class ArtemisCommand {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Begins a command and does not wait for it. @param nodes addresses of the nodes that it may ask */
  start(nodes: readonly string[], args: readonly string[], options: ChildOptions = {}): Child {
    const env = { ARTEMIS_ADDR: nodes.join(','), ...options.env };
    const child = new Child(process.execPath, [artemisBin, ...args], { ...options, env });
    this.#stage.watchLog(`artemis ${args.join(' ')}`, () => child.stdout + child.stderr);
    this.#stage.defer(async () => {
      child.signal('SIGKILL');
      await child.exit;
    });
    return child;
  }

  /** Runs a command to its end. */
  async run(nodes: readonly string[], ...args: readonly string[]): Promise<CommandOutcome> {
    const child = this.start(nodes, args);
    const { code } = await child.exitWithin(longestMs);
    return { code, out: child.stdout.split('\n').slice(0, -1), err: child.stderr };
  }
}
