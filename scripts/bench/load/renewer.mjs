// A client of its own process that renews in batches at a steady pace, so that encoding them takes nothing away from
// the one that measures:
//   node renewer.mjs PORT PATH INSTANCES BATCHES_PER_S
import { Load } from './load.mjs';
import { batchRequests } from '../rows/renewals.mjs';

const [port, path, instances, perSecond] = process.argv.slice(2);
const load = await Load.open(Number(port), 4);
console.log(port);
for (;;) await load.paced(10_000, Number(perSecond), batchRequests(path, Number(instances)));
