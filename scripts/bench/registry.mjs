// Every bench. Those with a row are the table of what must be reached; the others guard something else.
import { byInstances } from './growth/instances.mjs';
import { byPeers } from './growth/peers.mjs';
import { byWatchers } from './growth/watchers.mjs';
import { flatRegister } from './others/flat-register.mjs';
import { testCluster } from './others/test-cluster.mjs';
import { bootstrap } from './rows/bootstrap.mjs';
import { discovery } from './rows/discovery.mjs';
import { fanOut } from './rows/fan-out.mjs';
import { healing } from './rows/heal.mjs';
import { heartbeats } from './rows/heartbeats.mjs';
import { idle } from './rows/idle.mjs';
import { memory } from './rows/memory.mjs';
import { propagation } from './rows/propagation.mjs';
import { register } from './rows/register.mjs';
import { renewals } from './rows/renewals.mjs';
import { restart } from './rows/restart.mjs';
import { saving } from './rows/saving.mjs';
import { stall } from './rows/stall.mjs';

/**
 * In the order in which they run. `sizes` are those of the long and of the short form, with the same keys; `run` is
 * handed a stage, the sizes and a way to `say` something, and answers figures.
 */
export const benches = [
  heartbeats,
  renewals,
  discovery,
  propagation,
  register,
  memory,
  fanOut,
  bootstrap,
  healing,
  restart,
  saving,
  idle,
  stall,
  flatRegister,
  testCluster,
];

/** How costs grow. */
export const growth = [byInstances, byWatchers, byPeers];
