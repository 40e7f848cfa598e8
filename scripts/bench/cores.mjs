// How much of a core nodes use.
import { cpuSeconds } from './node-client.mjs';

const used = (ports) => Promise.all(ports.map((port) => cpuSeconds(port)));

/** Cores that the servers at these ports use while the task runs, in the same order: seconds of a processor per second. */
export async function coresDuring(ports, task) {
  const before = await used(ports);
  const start = performance.now();
  await task();
  const seconds = (performance.now() - start) / 1000;
  return (await used(ports)).map((after, index) => (after - before[index]) / seconds);
}

/** The mean of several such measurements, in per cent of a core for each port. */
export function sharesOf(measured) {
  const [first] = measured;
  return first.map(
    (_, index) => (100 * measured.reduce((sum, cores) => sum + cores[index], 0)) / measured.length,
  );
}
