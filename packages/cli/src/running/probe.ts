/** Whether the program that runs can be reached: an HTTP request, or a TCP connection. */
import { connect } from 'node:net';
import axios from 'axios';
import { parseHostPort } from '@artemis/core/config';
import { reasonOf } from '../cluster/ask.js';

export type ProbeTarget =
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** Answers why it fails, as the end of a sentence; `undefined` when all is well. Never rejects. */
export type Probe = (target: ProbeTarget, timeoutMs: number) => Promise<string | undefined>;

/**
 * Reads `http://…`, `https://…`, `tcp://HOST:PORT` or `/path`, which stands for that path at the address of the
 * instance. `undefined` for anything else.
 *
 * @param address HOST:PORT of the instance
 */
export function probeTarget(text: string, address: string): ProbeTarget | undefined {
  if (text.startsWith('/')) return httpTarget(`http://${address}${text}`);
  if (/^https?:\/\//.test(text)) return httpTarget(text);
  const tcp = /^tcp:\/\/([^/]+)\/?$/.exec(text)?.[1];
  const target = tcp === undefined ? undefined : parseHostPort(tcp);
  return target === undefined || target.port === 0 ? undefined : { kind: 'tcp', ...target };
}

function httpTarget(url: string): ProbeTarget | undefined {
  return URL.canParse(url) ? { kind: 'http', url } : undefined;
}

export const probe: Probe = (target, timeoutMs) =>
  target.kind === 'http' ? probeHttp(target.url, timeoutMs) : probeTcp(target, timeoutMs);

/** A redirect is an answer: it is not followed. */
async function probeHttp(url: string, timeoutMs: number): Promise<string | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { status, data } = await axios.get<NodeJS.ReadableStream & { destroy(): void }>(url, {
      signal,
      proxy: false,
      maxRedirects: 0,
      responseType: 'stream',
      validateStatus: () => true,
    });
    // What it says is not looked at.
    data.on('error', () => undefined).resume();
    data.destroy();
    return status >= 200 && status < 400 ? undefined : `HTTP ${status}`;
  } catch (error) {
    return signal.aborted ? silentFor(timeoutMs) : reasonOf(error);
  }
}

function probeTcp(
  { host, port }: { host: string; port: number },
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (reason?: string) => {
      socket.destroy();
      resolve(reason);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end(silentFor(timeoutMs)));
    socket.on('error', (error) => end(reasonOf(error)));
  });
}

const silentFor = (ms: number) => `silent for ${ms / 1000} s`;
