import type { Change, ChangeReason, PeerRequest, PeerResponse } from '@artemis/core';
import { SeededRandom, SimNetwork, VirtualTime } from '@artemis/core/testing';
import type { CheckerName } from './checkers/index.js';
import type { ClientEvent } from './client-event.js';
import { SimCluster } from './cluster.js';
import { Losses } from './losses.js';
import { readableKey, versionText } from './node-table.js';
import type { RunReport, Violation } from './report.js';
import type { Scenario } from './scenario.js';
import type { ClientAnswer, Disk, SimNode, SimNodeListener } from './sim-node.js';
import { Stage } from './stage.js';
import { CheckerSuite } from './suite.js';
import { Trace } from './trace.js';
import { Truth } from './truth.js';

/** How often a run looks whether to go on, virtual ms. */
const stepMs = 50;
const mostViolations = 5;
const keptLines = 20_000;
const evidenceLines = 25;
/** Before calm: the last call that was lost runs into its time-out, and the peer that seemed lost is probed. */
const settleMs = 6000;
const quietWithinMs = 20_000;
/** Beyond the lease, for the end: until every expiry is noticed and copied. */
const afterLeaseMs = 8000;

export interface RunOptions {
  readonly seed: number;
  /** Default: drawn from the seed. */
  readonly nodes?: number | undefined;
  /** Breaks something on purpose, after the scenario has planned its play. */
  readonly sabotage?: (stage: Stage) => void;
  /** Told every line of the trace. */
  readonly print?: (line: string) => void;
}

/** Runs one scenario with one seed. Never rejects: what goes wrong is in the report. */
export async function run(scenario: Scenario, options: RunOptions): Promise<RunReport> {
  return new Run(scenario, options).finish();
}

class Run implements SimNodeListener {
  readonly #scenario: Scenario;
  readonly #options: RunOptions;
  readonly #time = new VirtualTime();
  readonly #truth = new Truth();
  readonly #trace: Trace;
  readonly #cluster: SimCluster;
  readonly #suite: CheckerSuite;
  readonly #losses: Losses;
  readonly #random: SeededRandom;
  readonly #violations: Violation[] = [];
  readonly #changes: Partial<Record<ChangeReason, number>> = {};
  #stage: Stage | undefined;
  #clientCalls = 0;
  #requests = 0;
  #calm = false;
  #convergedInMs: number | undefined;

  constructor(scenario: Scenario, options: RunOptions) {
    const { name, maxSkewMs = 0, nodes: [fewest, most] = [3, 5], config } = scenario;
    const seed = `${options.seed}/${name}`;
    this.#scenario = scenario;
    this.#options = options;
    this.#random = new SeededRandom(seed);
    this.#trace = new Trace(keptLines, options.print);
    const skews = this.#random.fork('skews');
    const count = options.nodes ?? this.#random.fork('nodes').int(fewest, most);
    this.#cluster = new SimCluster({
      time: this.#time,
      network: this.#network(),
      seed,
      skewsMs: Array.from({ length: count }, () => skews.int(0, maxSkewMs)),
      config: { ...config, lease: { ttlMs: scenario.leaseMs, ...config?.lease } },
      listener: this,
    });
    this.#losses = new Losses(this.#cluster, this.#truth);
    const context = {
      cluster: this.#cluster,
      truth: this.#truth,
      nowMs: () => this.#time.nowMs,
      after: (delayMs: number, task: () => void) => this.#time.scheduler.after(delayMs, task),
      undisturbedMs: (a: SimNode, b: SimNode) => this.#undisturbedMs(a, b),
      healMs: scenario.convergeMs,
      calm: () => this.#calm,
    };
    this.#suite = new CheckerSuite(context, (checker, message, key) => this.#violate(checker, message, key));
  }

  async finish(): Promise<RunReport> {
    // A promise of a node that nobody looks at: a real one would end here.
    const unhandled = (error: unknown): void => this.#defect(error);
    process.on('unhandledRejection', unhandled);
    try {
      await this.#play();
      await this.#cluster.stop();
    } catch (error) {
      this.#defect(error);
    } finally {
      process.off('unhandledRejection', unhandled);
    }
    return {
      scenario: this.#scenario.name,
      seed: this.#options.seed,
      nodes: this.#cluster.nodes.length,
      virtualMs: Math.round(this.#time.nowMs),
      events: this.#time.eventsRun,
      faults: this.#stage?.faults.counts ?? {},
      clientCalls: this.#clientCalls,
      changes: this.#changes,
      requests: this.#requests,
      convergedInMs: this.#convergedInMs,
      traceHash: this.#trace.hash,
      violations: this.#violations,
    };
  }

  async #play(): Promise<void> {
    const { leaseMs, actsMs, convergeMs, faultFree = false } = this.#scenario;
    await this.#cluster.start();
    const stage = this.#createStage();
    this.#stage = stage;
    if (faultFree) this.#beCalm();
    this.#time.scheduler.every(1000, () => this.#suite.onSecond());
    const verdict = this.#scenario.play(stage);
    this.#options.sabotage?.(stage);
    await this.#pass(Math.max(actsMs, stage.faults.endMs));
    stage.calmClients();
    this.#trace.add('acts and faults are over');
    await this.#converge(convergeMs);
    if (!faultFree) {
      await this.#pass(settleMs);
      await this.#becomeQuiet();
      this.#beCalm();
    }
    await this.#pass(leaseMs + afterLeaseMs);
    if (this.#broken) return;
    this.#suite.atEnd();
    this.#requireSights();
    const wrong = await verdict?.();
    if (wrong !== undefined) this.#violate('scenario', wrong);
  }

  #createStage(): Stage {
    return new Stage({
      time: this.#time,
      cluster: this.#cluster,
      random: this.#random.fork('play'),
      leaseMs: this.#scenario.leaseMs,
      clientLinks: this.#scenario.clientLinks ?? {},
      emit: (event) => this.#clientDid(event),
      note: (text) => this.#note(text),
      failed: (node, error) => this.failed(node, error),
    });
  }

  #network(): SimNetwork {
    return new SimNetwork({
      scheduler: this.#time.scheduler,
      random: this.#random.fork('network'),
      faults: { delayMs: [1, 5], ...this.#scenario.links },
    });
  }

  get #broken(): boolean {
    return this.#violations.length > 0;
  }

  #beCalm(): void {
    this.#calm = true;
    this.#note('calm');
    this.#suite.onCalm();
  }

  /** Lets time pass, unless something is broken already. */
  async #pass(ms: number): Promise<void> {
    const untilMs = this.#time.nowMs + ms;
    while (!this.#broken && this.#time.nowMs < untilMs) {
      await this.#step(Math.min(stepMs, untilMs - this.#time.nowMs));
    }
  }

  async #converge(limitMs: number): Promise<void> {
    const tookMs = await this.#waitFor(() => this.#cluster.settled, limitMs);
    this.#convergedInMs = tookMs;
    if (this.#broken) return;
    const found = this.#cluster.differences().join('\n');
    if (tookMs !== undefined && found !== '')
      this.#violate('converges', `equal by digest, and not:\n${found}`);
    if (tookMs !== undefined) return;
    const differences = found || 'not all nodes are ready and reach each other';
    this.#violate('converges', `not equal after ${limitMs} ms:\n${differences}`);
  }

  /** Nothing waits for anybody, and nobody wants to compare tables because of what happened before. */
  async #becomeQuiet(): Promise<void> {
    const { repairsPend = false } = this.#scenario;
    const isQuiet = (): boolean => this.#cluster.quiet && (repairsPend || this.#cluster.repaired);
    const tookMs = await this.#waitFor(isQuiet, quietWithinMs);
    if (tookMs !== undefined || this.#broken) return;
    this.#violate('converges', `outboxes are never empty or repairs pend for ${quietWithinMs} ms`);
  }

  /** Virtual ms until the condition held; `undefined` when it did not, or something broke before. */
  async #waitFor(condition: () => boolean, limitMs: number): Promise<number | undefined> {
    const startMs = this.#time.nowMs;
    for (;;) {
      if (this.#broken) return undefined;
      const tookMs = Math.round(this.#time.nowMs - startMs);
      if (condition()) return tookMs;
      if (tookMs >= limitMs) return undefined;
      await this.#step(stepMs);
    }
  }

  async #step(ms: number): Promise<void> {
    await this.#time.advance(ms);
    this.#suite.onStep();
  }

  /** A run that shows nothing proves nothing. */
  #requireSights(): void {
    for (const [reason, least] of Object.entries(this.#scenario.mustSee ?? {}) as [ChangeReason, number][]) {
      const seen = this.#changes[reason] ?? 0;
      if (seen < least) this.#violate('vacuous', `only ${seen} changes are ${reason}, expected ${least}`);
    }
  }

  changed(node: SimNode, change: Change): void {
    const { record, revision, origin, reason } = change;
    this.#note(
      `${node.id} r${revision} ${reason} by ${origin}: ${readableKey(record.key)} ${versionText(record.version)}`,
    );
    if (origin === 'local' || origin === 'view') this.#changes[reason] = (this.#changes[reason] ?? 0) + 1;
    if (this.#scenario.forbid?.includes(reason) === true && origin !== 'recovery')
      this.#violate('scenario', `${reason} at ${node.id}, which must not be here`, record.key);
    this.#suite.onChange(node, change);
    this.#stage?.changed(node, change);
  }

  peerCalled(to: SimNode, request: PeerRequest, response: PeerResponse): void {
    this.#requests += 1;
    this.#suite.onPeerCall({ fromId: request.headers['x-artemis-node'] ?? '', to, request, response });
  }

  clientAnswered(answer: ClientAnswer): void {
    this.#losses.acknowledged(answer);
    this.#suite.onClientAnswer(answer);
  }

  started(node: SimNode): void {
    this.#note(`${node.id} starts its run ${node.run}`);
    this.#suite.onStarted(node);
  }

  resumed(node: SimNode): void {
    this.#suite.onResumed(node);
  }

  ended(node: SimNode, disk: Disk): void {
    this.#note(`${node.id} has ended, its disk is ${disk}`);
    this.#losses.ended();
    this.#suite.onEnded(node, disk);
  }

  failed(node: SimNode, error: unknown): void {
    this.#note(`${node.id} failed`);
    this.#defect(error);
  }

  #clientDid(event: ClientEvent): void {
    const { kind, call, clientId, nodeId, key } = event;
    if (kind === 'sent') this.#clientCalls += 1;
    this.#note(`${clientId} ${kind} ${kind === 'died' ? '' : `${call} ${nodeId} `}: ${readableKey(key)}`);
    this.#truth.note(event);
    this.#suite.onClient(event);
  }

  #undisturbedMs(a: SimNode, b: SimNode): number {
    if (this.#stage === undefined) return this.#time.nowMs;
    const sinceMs = this.#stage.faults.calmSinceMs(a, b);
    return sinceMs === undefined ? 0 : this.#stage.nowMs - sinceMs;
  }

  #defect(error: unknown): void {
    this.#violate('defect', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  #note(text: string): void {
    this.#trace.add(`${this.#time.nowMs.toFixed(3)} ${text}`);
  }

  #violate(checker: CheckerName, message: string, key?: string): void {
    if (this.#violations.length >= mostViolations) return;
    const what = key === undefined ? message : `${readableKey(key)}: ${message}`;
    const evidence = this.#trace.about(key === undefined ? undefined : readableKey(key), evidenceLines);
    this.#violations.push({ checker, message: what, atMs: Math.round(this.#time.nowMs), evidence });
  }
}
