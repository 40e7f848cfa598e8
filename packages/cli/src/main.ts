/** The process around the command: `bin/artemis.js` loads it. */
import { availableParallelism, hostname } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { collectorFlags } from './collector-flags.js';
import { run } from './run.js';

for (const flag of collectorFlags(availableParallelism())) setFlagsFromString(flag);

// No form is ever sent here. When axios is loaded it looks whether there is such a class, for which alone Node.js would load
// its whole client of the Fetch standard, some 2 MB.
Object.defineProperty(globalThis, 'FormData', { value: undefined });

const outputs = [process.stdout, process.stderr];
// A reader that went away (`artemis server | head`) or a full disk under the log must not end a node.
for (const output of outputs) output.on('error', () => undefined);

const exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  // Opened when it is read: a program that is run gets it as it is.
  stdin: { [Symbol.asyncIterator]: () => process.stdin[Symbol.asyncIterator]() },
  env: process.env,
  hostName: hostname(),
  events: process,
});
// Ends at once, whatever a defect or a second signal leaves behind, but not before the last line is written.
await Promise.all(outputs.map((output) => new Promise<void>((resolve) => output.write('', () => resolve()))));
process.exit(exitCode);
