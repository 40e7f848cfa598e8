import { apiRoutes } from '@artemis/core';
import axios from 'axios';
import { clusterAnswerSchema, readyAnswerSchema, type NodeReport } from './node-report.js';

/** What became of asking a node. */
export type Answer =
  | { readonly report: NodeReport }
  /** Why there is no report, as the end of a sentence: `connection refused`. */
  | { readonly failure: string };

/** Asks the node at this base URL what it thinks of itself and of its peers. Never rejects. */
export async function askNode(url: string, timeoutMs: number): Promise<Answer> {
  // One signal for both: together they may take no longer.
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const [cluster, readiness] = await Promise.all([
      askCluster(url, signal),
      askReadiness(url, signal).catch(() => undefined),
    ]);
    return { report: readiness === undefined ? cluster : { ...cluster, readiness } };
  } catch (error) {
    return { failure: signal.aborted ? `silent for ${timeoutMs / 1000} s` : reasonOf(error) };
  }
}

async function askCluster(url: string, signal: AbortSignal): Promise<NodeReport> {
  const { status, data } = await get(`${url}${apiRoutes.cluster.path}.json`, signal);
  if (status !== 200) throw new Error(`HTTP ${status}`);
  const parsed = clusterAnswerSchema.safeParse(data);
  if (!parsed.success) throw new Error('no status of a cluster in its answer');
  return parsed.data;
}

async function askReadiness(url: string, signal: AbortSignal) {
  return readyAnswerSchema.parse((await get(url + apiRoutes.ready.path, signal)).data);
}

const mostBytes = 16 * 1024 * 1024;

/** As nodes call each other: past proxies of the environment, without redirects. */
function get(url: string, signal: AbortSignal) {
  return axios.get<unknown>(url, {
    signal,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: mostBytes,
    responseType: 'json',
    validateStatus: () => true,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the host',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'unknown host',
};

/** Why a call failed, as the end of a sentence. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? message;
}
