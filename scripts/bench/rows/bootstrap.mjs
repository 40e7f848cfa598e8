// Row 8: an empty node joins a cluster that holds many instances: how long until its digest equals theirs, and what
// crosses the wire for it. And what the heartbeats of clients at the donor notice of it, where the node that joins stands
// for one on another machine.
import { figure } from '../figures.mjs';
import { noticed, noticedFigures, noticedSizes, unnoticed } from '../load/heartbeat-timer.mjs';
import { ask, host, load, until, untilEqual } from '../node-client.mjs';
import { freePort } from '../processes.mjs';
import { median } from '../statistics.mjs';
import { parseTime } from '../parse-time.mjs';

const beating = 1000;
/** By then the table is on its way. */
const firstBytes = 20_000;

export const bootstrap = {
  row: 8,
  name: 'bootstrap',
  title: 'from the start of an empty node to digests equal',
  sizes: {
    // Of 100 000 leases that are renewed every ten seconds, the part of one of three nodes; a tenth of that in the short form.
    long: { instances: 100_000, rounds: 3, ...noticedSizes.long, beats_per_sec: 3333 },
    short: { instances: 10_000, rounds: 1, ...noticedSizes.short, beats_per_sec: 333 },
  },
  async run({ stage, sizes, say }) {
    const { instances, rounds } = sizes;
    const [donorPort, joinerPort, otherPort] = [await freePort(), await freePort(), await freePort()];
    const toJoiner = await stage.way(joinerPort);
    const toDonor = await stage.way(donorPort);
    const cluster = ['health_check_interval_ms = 1000'];
    const donor = stage.node('donor', donorPort, {
      peers: [toJoiner.address, `${host}:${otherPort}`],
      // It begins alone, and does not wait for peers that are not there yet.
      settings: { cluster, replication: ['bootstrap_timeout_secs = 1'] },
      place: 'server',
    });
    donor.start();
    await donor.ready();
    await load(donorPort, 0, instances);
    const table = await ask(donorPort, 'GET', '/api/replication/registry/services.json');

    const joinerAt = (place, round) =>
      stage.node(`joiner-${place}-${round}`, joinerPort, {
        peers: [toDonor.address],
        settings: { cluster },
        place,
      });
    const passed = () => toJoiner.bytes + toDonor.bytes;
    const all = [];
    for (let round = 1; round <= rounds; round += 1) {
      const joiner = joinerAt('any', round);
      const bytes = passed();
      const start = performance.now();
      joiner.start();
      await untilEqual([donor, joiner], instances);
      const ms = performance.now() - start;
      all.push({ ms, bytes: passed() - bytes, parse: parseTime(table) });
      say(`round ${round}: ${(ms / 1000).toFixed(2)} s`);
      await joiner.stop('SIGKILL');
    }
    // A third node: what clients notice of a join is measured against what they notice of a cluster at rest, most of which
    // is replication.
    const other = stage.node('other', otherPort, {
      peers: [`${host}:${donorPort}`],
      settings: { cluster },
      place: 'apart',
    });
    other.start();
    await untilEqual([donor, other], instances);
    let joiner;
    // Another one takes the place of that of the round before, so that there are as many peers before as meanwhile.
    const join = async (begins, round) => {
      await joiner?.stop('SIGKILL');
      joiner = joinerAt('apart', round);
      const bytes = passed();
      joiner.start();
      await until(async () => passed() - bytes > firstBytes, 'the table is on its way');
      await begins();
      await untilEqual([donor, joiner], instances, unnoticed);
    };
    const heartbeats = await noticed({ port: donorPort, instances: beating, sizes }, join);
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
      ...noticedFigures('heartbeats at the donor', heartbeats),
    ];
  },
};
