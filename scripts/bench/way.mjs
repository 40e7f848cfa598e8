// A way between two nodes that counts what passes, and can be cut.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { host } from './node-client.mjs';

export class Way {
  #sockets = new Set();
  #cut = false;
  bytes = 0;

  static async to(target) {
    const way = new Way();
    way.server = createServer((caller) => way.#join(caller, target)).listen(0, host);
    await once(way.server, 'listening');
    way.address = `${host}:${way.server.address().port}`;
    return way;
  }

  cut() {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#cut = false;
  }

  end() {
    this.cut();
    this.server.close();
  }

  #join(caller, target) {
    if (this.#cut) {
      caller.destroy();
      return;
    }
    const called = connect({ host, port: target });
    const close = () => {
      caller.destroy();
      called.destroy();
      this.#sockets.delete(caller);
      this.#sockets.delete(called);
    };
    for (const [from, to] of [
      [caller, called],
      [called, caller],
    ]) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        this.bytes += bytes.length;
        to.write(bytes);
      });
      from.on('error', close).on('close', close);
    }
  }
}
