import type { Ending, NodePort, Numbered, StoreAnswer, StoreRequest } from './store-messages.js';
import { StoreProgram } from './store-program.js';

/** A wire whose program is the test, or one that runs in this thread. */
export class FakePort implements NodePort {
  readonly asked: Numbered<StoreRequest>[] = [];
  killed = false;
  #answer: (answer: Numbered<StoreAnswer>) => void = () => undefined;
  #end: (ending: Ending) => void = () => undefined;
  /** What is done with a request. */
  onRequest: (request: Numbered<StoreRequest>) => void = () => undefined;
  /** What is done when the program is killed. */
  onKill: () => void = () => this.end({ signal: 'SIGKILL' });

  send(request: Numbered<StoreRequest>): void {
    this.asked.push(request);
    this.onRequest(request);
  }

  receive(listener: (answer: Numbered<StoreAnswer>) => void): void {
    this.#answer = listener;
  }

  ended(listener: (ending: Ending) => void): void {
    this.#end = listener;
  }

  kill(): void {
    this.killed = true;
    this.onKill();
  }

  answer(id: number, answer: StoreAnswer): void {
    this.#answer({ ...answer, id });
  }

  end(ending: Partial<Ending>): void {
    this.#end({ code: null, signal: null, said: '', ...ending });
  }
}

const lastId = -1;

/** Runs the program of the store in this thread: what crashes it crashes the test. */
export function localPort(): FakePort {
  const port = new FakePort();
  new StoreProgram({
    send: async (answer) => {
      if (answer.id === lastId) port.end({ signal: 'SIGKILL' });
      else port.answer(answer.id, structuredClone(answer));
    },
    receive: (listener) => {
      port.onRequest = (request) => {
        queueMicrotask(() => listener(structuredClone(request)));
      };
      // What the system does for a process, and Node for a thread.
      port.onKill = () => listener({ op: 'close', id: lastId });
    },
  });
  return port;
}
