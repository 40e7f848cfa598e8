import type { Scenario } from '../scenario.js';
import { allCrash } from './all-crash.js';
import { blindJoin } from './blind-join.js';
import { churn } from './churn.js';
import { clockJumps } from './clock-jumps.js';
import { clockless } from './clockless.js';
import { concurrent } from './concurrent.js';
import { crash } from './crash.js';
import { cuts } from './cuts.js';
import { dejaVu } from './deja-vu.js';
import { diskLoss } from './disk-loss.js';
import { disks } from './disks.js';
import { failingDonor } from './failing-donor.js';
import { flapping } from './flapping.js';
import { forgetful } from './forgetful.js';
import { hostileClock } from './hostile-clock.js';
import { hourAhead } from './hour-ahead.js';
import { late } from './late.js';
import { lonelyStart } from './lonely-start.js';
import { longPartition } from './long-partition.js';
import { longPause } from './long-pause.js';
import { lossy } from './lossy.js';
import { massLapse } from './mass-lapse.js';
import { mayhem } from './mayhem.js';
import { oldDisk } from './old-disk.js';
import { oneSided } from './one-sided.js';
import { oneWayCuts } from './one-way-cuts.js';
import { outboxAlone } from './outbox-alone.js';
import { overflow } from './overflow.js';
import { ownerLost } from './owner-lost.js';
import { pauses } from './pauses.js';
import { plain } from './plain.js';
import { refusingPeer } from './refusing-peer.js';
import { refutation } from './refutation.js';
import { rollingRestart } from './rolling-restart.js';
import { silentLoss } from './silent-loss.js';
import { skewed } from './skewed.js';
import { smallBodies } from './small-bodies.js';
import { sprayed } from './sprayed.js';
import { staleDonor } from './stale-donor.js';
import { takeOver } from './take-over.js';
import { thirdHears } from './third-hears.js';
import { tornDonors } from './torn-donors.js';
import { unregisterElsewhere } from './unregister-elsewhere.js';

/** Every scenario, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  plain,
  sprayed,
  concurrent,
  smallBodies,
  hostileClock,
  clockless,
  flapping,
  unregisterElsewhere,
  lossy,
  late,
  oneWayCuts,
  cuts,
  takeOver,
  refutation,
  refusingPeer,
  overflow,
  forgetful,
  skewed,
  mayhem,
  allCrash,
  disks,
  churn,
  clockJumps,
  crash,
  diskLoss,
  dejaVu,
  blindJoin,
  tornDonors,
  lonelyStart,
  failingDonor,
  hourAhead,
  longPartition,
  longPause,
  massLapse,
  oldDisk,
  outboxAlone,
  ownerLost,
  pauses,
  rollingRestart,
  silentLoss,
  oneSided,
  staleDonor,
  thirdHears,
];
