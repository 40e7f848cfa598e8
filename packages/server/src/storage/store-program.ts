import { LmdbFile } from './lmdb-file.js';
import type { Numbered, ProgramPort, StoreAnswer, StoreRequest } from './store-messages.js';
import { messageOf, StoreProblem } from './store-problem.js';

/** Records in one message. */
const perMessage = 500;
/** Messages on their way at once: enough that neither side waits, and not the whole table in memory twice. */
const mostOnTheWay = 8;

/** Holds the file for a node, and does what it is told, one after the other. */
export class StoreProgram {
  readonly #port: ProgramPort;
  #file: LmdbFile | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(port: ProgramPort) {
    this.#port = port;
    port.receive((request) => {
      // A flush takes its time on a thread of its own: commits need not wait for it.
      if (request.op === 'flush') void this.#answer(request);
      else this.#last = this.#last.then(() => this.#answer(request));
    });
  }

  async #answer(request: Numbered<StoreRequest>): Promise<void> {
    const { id } = request;
    let answer: StoreAnswer;
    try {
      answer = await this.#do(request);
    } catch (error) {
      const problem = error instanceof StoreProblem ? error.kind : 'unusable';
      answer = { kind: 'failed', problem, message: messageOf(error) };
    }
    await this.#port.send({ id, ...answer });
  }

  async #do(request: Numbered<StoreRequest>): Promise<StoreAnswer> {
    switch (request.op) {
      case 'open':
        await this.#file?.close();
        this.#file = new LmdbFile(request);
        if (request.read) {
          await this.#sendRecords(request.id, this.#file);
          this.#file.probe();
        }
        return { kind: 'done', notes: this.#file.notes };
      case 'commit':
        this.#require().commit(request);
        return { kind: 'done' };
      case 'flush':
        await this.#require().flush();
        return { kind: 'done' };
      case 'close':
        await this.#file?.close();
        this.#file = undefined;
        return { kind: 'done' };
    }
  }

  async #sendRecords(id: number, file: LmdbFile): Promise<void> {
    const onTheWay: Promise<void>[] = [];
    let records: string[] = [];
    const send = () => this.#port.send({ id, kind: 'records', records: `[${records.join(',')}]` });
    for (const record of file.read()) {
      if (records.push(record) < perMessage) continue;
      onTheWay.push(send());
      records = [];
      if (onTheWay.length > mostOnTheWay) await onTheWay.shift();
    }
    await send();
  }

  #require(): LmdbFile {
    if (this.#file === undefined) throw new Error('the store is not open');
    return this.#file;
  }
}
