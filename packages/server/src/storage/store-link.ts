import type { Ending, NodePort, StoreAnswer, StoreRequest } from './store-messages.js';
import { StoreProblem } from './store-problem.js';

/** The program that holds the store ended before it answered. */
export class ProgramEnded extends Error {
  readonly ending: Ending;

  constructor(ending: Ending) {
    const how = ending.signal === null ? `ended with code ${ending.code}` : `was ended by ${ending.signal}`;
    super(['the process of the store ' + how, ending.said.trim()].filter((text) => text !== '').join(': '));
    this.name = 'ProgramEnded';
    this.ending = ending;
  }
}

interface Question {
  readonly records: ((records: string) => void) | undefined;
  resolve(answer: StoreAnswer & { kind: 'done' }): void;
  reject(error: Error): void;
}

/** Asks the program that holds the store, and finds the question to each answer. */
export class StoreLink {
  readonly #port: NodePort;
  #questions = new Map<number, Question>();
  readonly #whenEnded: Promise<void>;
  #lastId = 0;
  #ending: Ending | undefined;

  constructor(port: NodePort) {
    this.#port = port;
    port.receive(({ id, ...answer }) => this.#answered(id, answer));
    this.#whenEnded = new Promise((resolve) => {
      port.ended((ending) => {
        this.#ending ??= ending;
        for (const question of this.#questions.values()) question.reject(new ProgramEnded(ending));
        this.#questions.clear();
        resolve();
      });
    });
  }

  get ended(): boolean {
    return this.#ending !== undefined;
  }

  /**
   * Rejects with a {@link StoreProblem} when the program refuses, with {@link ProgramEnded} when it is no more.
   *
   * @param records gets those that come before the end of the answer
   */
  ask(request: StoreRequest, records?: (records: string) => void): Promise<StoreAnswer & { kind: 'done' }> {
    if (this.#ending !== undefined) return Promise.reject(new ProgramEnded(this.#ending));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#questions.set(id, { records, resolve, reject });
      this.#port.send({ id, ...request });
    });
  }

  /** Resolves when the program is gone. */
  kill(): Promise<void> {
    this.#port.kill();
    return this.#whenEnded;
  }

  #answered(id: number, answer: StoreAnswer): void {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    if (answer.kind === 'records') {
      question.records?.(answer.records);
      return;
    }
    this.#questions.delete(id);
    // A new one: tables of a map that is filled and emptied for ever would keep each other alive, see `Bag` of core.
    if (this.#questions.size === 0) this.#questions = new Map();
    if (answer.kind === 'done') question.resolve(answer);
    else question.reject(new StoreProblem(answer.problem, answer.message));
  }
}
