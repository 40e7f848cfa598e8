/** Asks the nodes that a command was given, one after the other until one answers. */
import axios from 'axios';
import type { z } from 'zod';
import { reasonOf } from '../cluster/ask.js';
import { escapeControls } from '../escape-controls.js';
import { exitCodes } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { failureAnswerSchema } from './answers.js';

export interface Question<Answer> {
  readonly method: 'GET' | 'POST';
  /** With `.json` where the route has it. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly schema: z.ZodType<Answer>;
}

const answerMs = 5000;
const mostBytes = 512 * 1024 * 1024;

/** Why a node gave no answer; the next one may. */
interface Silence {
  readonly url: string;
  /** As the end of a sentence: `connection refused`. */
  readonly reason: string;
  /** It is there, and cannot do this now. */
  readonly unavailable: boolean;
}

type Outcome<Answer> = { readonly answer: Answer } | { readonly silence: Silence };

export class RegistryNodes {
  #urls: readonly string[];
  #node: string | undefined;
  readonly #timeoutMs: number;

  /** @param urls base URLs, in the order in which they are tried */
  constructor(urls: readonly string[], timeoutMs = answerMs) {
    this.#urls = urls;
    this.#timeoutMs = timeoutMs;
  }

  /** Who answered last, by the name that it gave itself, ready for a terminal. */
  get node(): string {
    return this.#node ?? this.url;
  }

  /** Where the node is that is asked next: the one that answered last. */
  get url(): string {
    return this.#urls[0] ?? '';
  }

  /** @throws Failure when no node answers, or when one answers that the question is wrong */
  async ask<Answer>(question: Question<Answer>): Promise<Answer> {
    const silent: Silence[] = [];
    for (const url of this.#urls) {
      const outcome = await this.#askOne(url, question);
      if ('silence' in outcome) {
        silent.push(outcome.silence);
        continue;
      }
      // What follows belongs to the same answer, so that it is asked of the same node.
      this.#urls = [url, ...this.#urls.filter((other) => other !== url)];
      return outcome.answer;
    }
    throw silence(silent);
  }

  async #askOne<Answer>(url: string, question: Question<Answer>): Promise<Outcome<Answer>> {
    const { method, path, query = {}, body, schema } = question;
    const fail = (reason: string, unavailable = false): Outcome<Answer> => ({
      silence: { url, reason: escapeControls(reason), unavailable },
    });
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      const { status, data, headers } = await axios.request<unknown>({
        url: url + path,
        method,
        params: query,
        ...(body !== undefined && { data: body, headers: { 'Content-Type': 'application/json' } }),
        signal,
        proxy: false,
        maxRedirects: 0,
        maxContentLength: mostBytes,
        maxBodyLength: mostBytes,
        responseType: 'json',
        validateStatus: () => true,
      });
      const name: unknown = headers['x-artemis-node'];
      this.#node = typeof name === 'string' && name !== '' ? escapeControls(name) : url;
      if (status === 200) {
        const parsed = schema.safeParse(data);
        return parsed.success ? { answer: parsed.data } : fail('its answer is not that of a node of Artemis');
      }
      const told = failureAnswerSchema.safeParse(data);
      if (!told.success) return fail(`HTTP ${status}, which is not the answer of a node of Artemis`);
      const { error_code: code, error_message: message = code } = told.data.response_status;
      if (status === 503 || status === 429) return fail(message, true);
      if (status >= 500) return fail(message);
      throw new Failure(`${this.node} refuses: ${escapeControls(message)}`);
    } catch (error) {
      if (error instanceof Failure) throw error;
      return fail(signal.aborted ? `silent for ${this.#timeoutMs / 1000} s` : reasonOf(error));
    }
  }
}

function silence(silent: readonly Silence[]): Failure {
  const [first] = silent;
  const lines =
    silent.length === 1 && first !== undefined
      ? [
          first.unavailable
            ? `the node at ${first.url} cannot do this now: ${first.reason}`
            : `cannot ask the node at ${first.url}: ${first.reason}`,
        ]
      : ['none of the nodes can be asked', ...silent.map(({ url, reason }) => `  ${url}: ${reason}`)];
  const advice = silent.some(({ unavailable }) => unavailable)
    ? 'Try again in a moment (artemis cluster wait --ready), or name another node with --addr or ARTEMIS_ADDR'
    : 'Is it running (artemis server)? Name another with --addr or ARTEMIS_ADDR';
  return new Failure([...lines, advice].join('\n'), { exitCode: exitCodes.unknown });
}
