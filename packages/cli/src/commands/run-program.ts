import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type ArtemisClient, type ClientOptions } from '@artemis/client';
import { escapeControls } from '../escape-controls.js';
import { Failure } from '../failure.js';
import type { Host } from '../host.js';
import { completeInstance, type GivenFields, type Surroundings } from '../registry/instance-words.js';
import { RegistryNodes } from '../registry/nodes.js';
import { ownAddress } from '../registry/own-address.js';
import { askPlace } from '../registry/questions.js';
import { addressOf, nameOf } from '../registry/words.js';
import { checkUntilAborted, type CheckSettings } from '../running/check.js';
import { RegistrationKeeper } from '../running/keeper.js';
import { probe, probeTarget, type Probe, type ProbeTarget } from '../running/probe.js';
import { launch, type Launch, type Program } from '../running/program.js';
import { usageFailure } from '../usage.js';

export interface RunOptions {
  readonly urls: readonly string[];
  readonly flags: GivenFields;
  /** The program and its arguments. */
  readonly program: readonly string[];
  readonly check?: (CheckSettings & { readonly target: string }) | undefined;
}

/** What reaches out of this process. */
export interface RunSurroundings {
  readonly launch: Launch;
  readonly probe: Probe;
  readonly connect: (options: ClientOptions) => ArtemisClient;
  readonly ownAddress: (url: string) => Promise<string>;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** So long nothing is said about a node that does not answer. */
const patienceMs = 3000;

const systemSurroundings: RunSurroundings = {
  launch,
  probe,
  connect: createClient,
  ownAddress,
  pause: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
};

/** Runs a program, keeps it registered while it runs, and answers its exit code. The registry never stops it. */
export async function runProgram(
  options: RunOptions,
  host: Host,
  around: RunSurroundings = systemSurroundings,
): Promise<number> {
  const ip = await around.ownAddress(options.urls[0] ?? '');
  const { check, flags } = options;
  const instanceAt = (place: Pick<Surroundings, 'region' | 'zone'>) =>
    completeInstance(flags, { ...place, ip, hostName: host.hostName }, { command: 'run', flags });
  // Whatever is wrong with the command line is said before anything is started.
  const draft = instanceAt({ region: 'region', zone: 'zone' });
  const target = check && targetOf(check.target, addressOf(draft));
  const tell = (line: string) =>
    void host.stderr.write(`artemis: ${nameOf(draft)}: ${escapeControls(line)}\n`);

  const program = around.launch(options.program);
  passSignals(program, host);
  const running = new AbortController();
  const keeper = new RegistrationKeeper({
    status: check === undefined ? 'up' : 'starting',
    instance: async () => instanceAt(await placeOf(options, running.signal, around)),
    client: () => around.connect({ urls: options.urls }),
    tell,
  });
  keeper.start();
  void around.pause(patienceMs, running.signal).then(() => {
    if (keeper.waiting && !running.signal.aborted)
      tell('not registered yet, no node answers: goes on trying');
  });
  if (check && target) watchHealth({ check, target, keeper, tell, signal: running.signal }, around);
  try {
    return await program.ended;
  } finally {
    running.abort();
    await unregistered(keeper, around, tell);
  }
}

/** Who waits for the program waits no longer than this for the registry. */
const closingMs = 3000;

async function unregistered(
  keeper: RegistrationKeeper,
  around: RunSurroundings,
  tell: (line: string) => void,
): Promise<void> {
  const enough = new AbortController();
  const tooLong = around.pause(closingMs, enough.signal).then(() => !enough.signal.aborted);
  const closed = keeper.close().then(() => false);
  const late = await Promise.race([closed, tooLong]);
  enough.abort();
  if (late && !keeper.waiting) tell('ended and not unregistered, no node answers: its lease ends by itself');
}

function targetOf(text: string, address: string): ProbeTarget {
  const target = probeTarget(text, address);
  if (target !== undefined) return target;
  throw usageFailure(
    `--check is ${JSON.stringify(text)}, expected http://…, https://…, tcp://HOST:PORT or a path such as /health`,
    'run',
  );
}

interface HealthWatch {
  readonly check: CheckSettings;
  readonly target: ProbeTarget;
  readonly keeper: RegistrationKeeper;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

function watchHealth({ check, target, keeper, tell, signal }: HealthWatch, around: RunSurroundings): void {
  void checkUntilAborted({
    settings: check,
    signal,
    probe: () => around.probe(target, check.timeoutMs),
    pause: (ms) => around.pause(ms, signal),
    changed(status, reason) {
      tell(reason === undefined ? `${status}, its check succeeds` : `${status}, its check fails: ${reason}`);
      keeper.setStatus(status);
    },
  });
}

const againMs = 1000;

/** Region and zone: those of the command line, else those of the node, which may be away for now. */
async function placeOf(
  { urls, flags }: RunOptions,
  signal: AbortSignal,
  around: RunSurroundings,
): Promise<Pick<Surroundings, 'region' | 'zone'>> {
  const { region_id: region, zone_id: zone } = flags;
  if (typeof region === 'string' && typeof zone === 'string') return { region, zone };
  for (;;) {
    try {
      return await askPlace(new RegistryNodes(urls));
    } catch (error) {
      if (!(error instanceof Failure) || signal.aborted) throw error;
    }
    await around.pause(againMs, signal);
  }
}

const passed = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** A terminal sends these to the program by itself; twice would be one too many. */
const fromTerminal: readonly string[] = ['SIGINT', 'SIGQUIT'];

function passSignals(program: Program, { events, stdout, stderr }: Host): void {
  const terminal = stdout.isTTY === true || stderr.isTTY === true;
  for (const signal of passed)
    events.on(signal, () => {
      if (!(terminal && fromTerminal.includes(signal))) program.signal(signal);
    });
}
