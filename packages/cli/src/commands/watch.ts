import {
  ClientError,
  createClient,
  type ArtemisClient,
  type ClientOptions,
  type InstanceChange,
} from '@artemis/client';
import { setTimeout as pause } from 'node:timers/promises';
import { counted } from '../cluster/words.js';
import { escapeControls } from '../escape-controls.js';
import { exitCodes } from '../exit-codes.js';
import type { Host } from '../host.js';
import { jsonText } from '../registry/json-text.js';
import { screenOf } from '../registry/screen.js';
import { usageFailure } from '../usage.js';
import { ChangeLines, type Heard } from '../watching/change-line.js';

export interface WatchOptions {
  readonly urls: readonly string[];
  /** Absent: every service. */
  readonly service?: string | undefined;
  readonly json: boolean;
}

interface WatchSurroundings {
  readonly connect: (options: ClientOptions) => ArtemisClient;
  /** So long nothing is said about a node that does not answer. */
  readonly patienceMs: number;
}

const systemSurroundings: WatchSurroundings = { connect: createClient, patienceMs: 3000 };
/** A node that does not answer must not hold up the end. */
const closingMs = 1000;

/** Prints each change until it is stopped. */
export async function watch(
  options: WatchOptions,
  host: Host,
  { connect, patienceMs }: WatchSurroundings = systemSurroundings,
): Promise<number> {
  const client = connect({ urls: options.urls });
  const tell = (line: string) => void host.stderr.write(`artemis: ${escapeControls(line)}\n`);
  const node = followNode(client, tell);
  const ended = untilEnded(host);
  const write = writerOf(options, host);
  let initial = true;
  const heard = (change: InstanceChange) => write({ change, node: node.current, initial });
  try {
    const { ready, count } = listen(client, options.service, heard);
    const slow = setTimeout(
      () => tell(`no node answers yet, of ${options.urls.join(', ')}: goes on trying, Ctrl-C ends it`),
      patienceMs,
    );
    void ready.then(
      () => {
        initial = false;
        clearTimeout(slow);
        const what = options.service ?? 'all services';
        tell(`watching ${what} at ${node.current}, ${counted(count(), 'instance')} now`);
      },
      // It was ended before.
      () => clearTimeout(slow),
    );
    await ended;
    clearTimeout(slow);
  } finally {
    await Promise.race([client.close().catch(() => undefined), pause(closingMs, undefined, { ref: false })]);
  }
  return exitCodes.ok;
}

/** Listens to one service or to all of them. */
function listen(
  client: ArtemisClient,
  service: string | undefined,
  heard: (change: InstanceChange) => void,
): { readonly ready: Promise<void>; readonly count: () => number } {
  if (service === undefined) {
    const view = client.watchAll();
    view.on('change', heard);
    const count = () => view.serviceIds.reduce((sum, id) => sum + view.instances(id).length, 0);
    return { ready: view.ready(), count };
  }
  try {
    const view = client.service(service);
    view.on('change', ({ changes }) => changes.forEach(heard));
    return { ready: view.ready(), count: () => view.instances.length };
  } catch (error) {
    if (!(error instanceof ClientError && error.code === 'invalid')) throw error;
    throw usageFailure(`SERVICE is ${JSON.stringify(service)}: ${error.message}`, 'watch');
  }
}

/** Says where changes come from, and when that changes. */
function followNode(client: ArtemisClient, tell: (line: string) => void): { readonly current: string } {
  const state = { current: '-', lost: false };
  const name = (url: string) => url.replace(/^http:\/\//, '');
  client.on('connected', ({ node }) => {
    state.current = escapeControls(name(node));
    if (state.lost) tell(`goes on at ${name(node)}`);
    state.lost = false;
  });
  client.on('disconnected', ({ node, reason }) => {
    if (!state.lost)
      tell(
        `lost ${name(node)} (${reason.replace(` to ${node}`, '').replace(`${node} `, '')}), looks for another node`,
      );
    state.lost = true;
  });
  client.on('error', (error) => tell(error.message));
  return state;
}

function writerOf({ json }: WatchOptions, host: Host): (heard: Heard) => void {
  const lines = new ChangeLines(screenOf(host));
  if (!json) return (heard) => void host.stdout.write(`${lines.line(heard)}\n`);
  return ({ change, node, initial }) =>
    void host.stdout.write(`${jsonText({ ...change, node, ...(initial && { initial }) }, 0)}\n`);
}

/** A signal, or a reader that has had enough. */
function untilEnded({ events, stdout }: Host): Promise<void> {
  return new Promise((resolve) => {
    events.on('SIGINT', () => resolve());
    events.on('SIGTERM', () => resolve());
    stdout.on('error', () => resolve());
  });
}
