import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import type { Host, Output } from './host.js';

/** Keeps what is written to it. */
class Screen extends Writable implements Output {
  text = '';
  isTTY = false;
  columns = 80;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.emit('written');
    done();
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }

  /** Waits for a line that matches, and answers what the first group of the pattern caught, or the whole match. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.text);
      if (match !== null) return match[1] ?? match[0];
      await new Promise((resolve) => this.once('written', resolve));
    }
  }
}

export interface FakeHost extends Host {
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly events: EventEmitter;
}

/** @param input what comes from standard input */
export function fakeHost(env: Host['env'] = {}, input: readonly string[] = []): FakeHost {
  return {
    stdout: new Screen(),
    stderr: new Screen(),
    stdin: Readable.from(input),
    env,
    hostName: 'host1',
    events: new EventEmitter(),
  };
}
