import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

const timeoutMs = 15_000;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface HttpQuestion {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it stands, in place of `json`. */
  readonly raw?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Speaks HTTP to one server on connections that are kept. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true });

  /** @param url of the server, without a path */
  constructor(readonly url: string) {}

  /** Rejects when there is no answer; any status is an answer. */
  ask(method: string, path: string, { json, raw, headers }: HttpQuestion = {}): Promise<HttpAnswer> {
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const type = json === undefined ? {} : { 'Content-Type': 'application/json' };
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const asked = request(
        this.url + path,
        { method, agent: this.#agent, headers: { ...type, ...length, ...headers } },
        (response) => {
          readAll(response).then(
            (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
            reject,
          );
        },
      );
      asked.setTimeout(timeoutMs, () => {
        asked.destroy(new Error(`${method} ${this.url}${path}: no answer within ${timeoutMs} ms`));
      });
      asked.once('error', reject);
      asked.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
