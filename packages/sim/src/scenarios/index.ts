import type { Scenario } from '../scenario.js';
import { allCrash } from './all-crash.js';
import { disks } from './disks.js';
import { clockless } from './clockless.js';
import { concurrent } from './concurrent.js';
import { cuts } from './cuts.js';
import { flapping } from './flapping.js';
import { forgetful } from './forgetful.js';
import { hostileClock } from './hostile-clock.js';
import { late } from './late.js';
import { lossy } from './lossy.js';
import { mayhem } from './mayhem.js';
import { oneWayCuts } from './one-way-cuts.js';
import { overflow } from './overflow.js';
import { plain } from './plain.js';
import { refutation } from './refutation.js';
import { refusingPeer } from './refusing-peer.js';
import { skewed } from './skewed.js';
import { smallBodies } from './small-bodies.js';
import { sprayed } from './sprayed.js';
import { takeOver } from './take-over.js';
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
];
