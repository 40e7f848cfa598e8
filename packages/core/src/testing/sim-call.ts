import type { Cancel, PeerRequest, PeerResponse, Scheduler } from '../traits/runtime.js';
import { TransportError, type TransportFailure } from '../traits/runtime.js';
import type { SimLink } from './sim-link.js';
import type { SimProcess } from './sim-process.js';
import type { Traffic } from './traffic.js';
import {
  bytesOf,
  decodeAnswer,
  encodeAnswer,
  jsonText,
  lowerCaseNames,
  type TextAnswer,
} from './wire-text.js';

/** What answers at an address. Rejecting with a `TransportError` breaks the call so; any other error fails the run. */
export type SimEndpoint = (request: PeerRequest) => Promise<PeerResponse | TextAnswer>;

/** What listens at an address. */
export interface SimListener {
  readonly endpoint: SimEndpoint;
  readonly process: SimProcess;
}

/** What a call needs of the network. */
export interface CallContext {
  readonly scheduler: Scheduler;
  /** Whose call it is. */
  readonly caller: SimProcess;
  readonly out: SimLink;
  readonly back: SimLink;
  readonly maxAnswerBytes: number;
  /** Looked up when the request arrives. */
  readonly listener: () => SimListener | undefined;
  readonly count: (part: Partial<Traffic>) => void;
  /** Told how the call ended: the status, or how it failed. */
  readonly ended: (outcome: string) => void;
}

/**
 * One call on its way: request out, endpoint, answer back, while the time-out runs. It ends once, with what comes
 * first; a request that arrives later has its effect at the endpoint, and its answer is not heard.
 */
export class SimCall {
  /** How the call ends. */
  readonly outcome: Promise<PeerResponse>;
  readonly #context: CallContext;
  readonly #request: PeerRequest;
  readonly #what: string;
  readonly #text: string;
  readonly #timeout: Cancel;
  #resolve!: (answer: PeerResponse) => void;
  #reject!: (error: TransportError) => void;
  #ended = false;

  /** Sends the request. */
  constructor(context: CallContext, request: PeerRequest, peerUrl: string) {
    this.#context = context;
    this.#request = request;
    this.#what = `${request.method} ${peerUrl}${request.path}`;
    this.#text = jsonText(request.body);
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { timeoutMs } = request;
    this.#timeout = context.scheduler.after(timeoutMs, () => {
      context.caller.timer(() => this.fail('timeout', `no complete answer in ${timeoutMs} ms`));
    });
    context.count({ requests: 1, requestBytes: bytesOf(this.#text) });
    context.out.carryRequest((isFirst) => this.#arrive(isFirst));
  }

  fail(kind: TransportFailure, message: string): void {
    this.#end(kind, () => this.#reject(new TransportError(kind, `${this.#what}: ${message}`)));
  }

  #arrive(isFirst: boolean): void {
    const { back, listener, caller } = this.#context;
    const listening = listener();
    // The answer to a double goes to a connection that nobody reads.
    const reply = (task: () => void): void => {
      if (isFirst) back.carryAnswer(() => caller.message(task));
    };
    if (listening === undefined || listening.process.state === 'dead')
      return reply(() => this.fail('refused', 'the connection was refused'));
    const { endpoint, process } = listening;
    const answered = process.onKill(() => reply(() => this.fail('reset', 'the process was killed')));
    process.message(() => this.#serve(endpoint, reply, answered));
  }

  #serve(endpoint: SimEndpoint, reply: (task: () => void) => void, answered: () => void): void {
    const { count, scheduler } = this.#context;
    endpoint(this.#received()).then(
      (answer) => {
        answered();
        const encoded = encodeAnswer(answer);
        count({ answers: 1, answerBytes: bytesOf(encoded.text) });
        reply(() => this.#take(encoded));
      },
      (error: unknown) => {
        answered();
        if (error instanceof TransportError) return reply(() => this.fail(error.kind, error.message));
        // A defect: thrown where it fails the run instead of passing for one more lost message.
        scheduler.soon(() => {
          throw new Error(`${this.#what}: the endpoint failed: ${String(error)}`, { cause: error });
        });
      },
    );
  }

  /** The request as the other side reads it. */
  #received(): PeerRequest {
    const { body, headers, ...rest } = this.#request;
    const received = { ...rest, headers: lowerCaseNames(headers) };
    return body === undefined ? received : { ...received, body: JSON.parse(this.#text) as unknown };
  }

  #take(answer: TextAnswer): void {
    const { maxAnswerBytes } = this.#context;
    if (bytesOf(answer.text) > maxAnswerBytes) {
      return this.fail('too-large', `the answer exceeds ${maxAnswerBytes} bytes`);
    }
    try {
      const response = decodeAnswer(answer);
      this.#end(String(answer.status), () => this.#resolve(response));
    } catch (error) {
      this.fail('unparsable', `the answer is no JSON: ${String(error)}`);
    }
  }

  #end(outcome: string, settle: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timeout();
    this.#context.ended(outcome);
    settle();
  }
}
