// Row 8: an empty node joins a cluster that holds many instances: how long until its digest equals theirs, what crosses
// the wire for it, and what the heartbeats of clients at the donor notice of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../figures.mjs';
import { HeartbeatTimer, noticedFigures } from '../load/heartbeat-timer.mjs';
import { ask, load, untilEqual } from '../node-client.mjs';
import { freePort } from '../processes.mjs';
import { median } from '../statistics.mjs';
import { parseTime } from '../parse-time.mjs';

const beating = 1000;

export const bootstrap = {
  row: 8,
  name: 'bootstrap',
  title: 'from the start of an empty node to digests equal',
  sizes: {
    long: { instances: 100_000, rounds: 3, calm_ms: 5000 },
    short: { instances: 10_000, rounds: 1, calm_ms: 500 },
  },
  async run({ stage, sizes, say }) {
    const { instances, rounds, calm_ms: calmMs } = sizes;
    const [donorPort, joinerPort] = [await freePort(), await freePort()];
    const toJoiner = await stage.way(joinerPort);
    const toDonor = await stage.way(donorPort);
    const cluster = ['health_check_interval_ms = 1000'];
    const donor = stage.node('donor', donorPort, {
      peers: [toJoiner.address],
      // It begins alone, and does not wait for a peer that is not there yet.
      settings: { cluster, replication: ['bootstrap_timeout_secs = 1'] },
    });
    donor.start();
    await donor.ready();
    await load(donorPort, 0, instances);
    const table = await ask(donorPort, 'GET', '/api/replication/registry/services.json');

    const all = [];
    for (let round = 1; round <= rounds; round += 1) {
      const joiner = stage.node(`joiner${round}`, joinerPort, {
        peers: [toDonor.address],
        settings: { cluster },
      });
      const calm = new HeartbeatTimer(donorPort, beating);
      await sleep(calmMs);
      const before = await calm.end();
      const busy = new HeartbeatTimer(donorPort, beating);
      const bytes = toJoiner.bytes + toDonor.bytes;
      const start = performance.now();
      joiner.start();
      await untilEqual([donor, joiner], instances);
      const ms = performance.now() - start;
      const during = await busy.end();
      all.push({
        ms,
        bytes: toJoiner.bytes + toDonor.bytes - bytes,
        before,
        during,
        parse: parseTime(table),
      });
      say(`round ${round}: ${(ms / 1000).toFixed(2)} s`);
      await joiner.stop('SIGKILL');
    }
    const middle = (read) => median(all.map(read));
    return [
      figure('start of the process to digests equal', middle(({ ms }) => ms) / 1000, 's', {
        must: 3,
        aim: 1.5,
      }),
      figure('on the wire', middle(({ bytes }) => bytes) / 1e6, 'MB'),
      figure(
        'time beside parsing the table as JSON',
        middle(({ ms, parse }) => ms / parse),
        'x',
      ),
      ...noticedFigures('heartbeats at the donor', all),
    ];
  },
};
