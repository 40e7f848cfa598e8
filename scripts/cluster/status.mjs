// The table of `status`.
import { hostPort, planNodes } from './config.mjs';
import { get } from './probe.mjs';
import { pidOf } from './process.mjs';
import { readShape, say, scriptCommand } from './state.mjs';

const NOT_ALL_READY = 3;

/** `alive/all` peers as a node sees them, `-` when it does not say. */
async function peersSeenBy(address) {
  const answer = await get(address, '/api/status/cluster.json');
  try {
    const { peers } = JSON.parse(answer.text);
    return `${peers.filter((peer) => peer.status === 'alive').length}/${peers.length}`;
  } catch {
    return '-';
  }
}

async function rowOf({ name, files, address }) {
  const pid = pidOf(name, files);
  if (pid === undefined) return [name, '-', hostPort(address), 'stopped', '-'];
  const ready = (await get(address, '/health/ready'))?.status === 200;
  return [name, String(pid), hostPort(address), ready ? 'ready' : 'starting', await peersSeenBy(address)];
}

/** Prints the table and answers the exit code: 0 when every node is ready. */
export async function showStatus(dir) {
  const shape = readShape(dir);
  if (shape === undefined) {
    say(`there is no cluster here. Start one: ${scriptCommand('start')}`);
    return NOT_ALL_READY;
  }
  const rows = await Promise.all(planNodes(dir, shape).map(rowOf));
  const table = [['NODE', 'PID', 'ADDRESS', 'STATE', 'PEERS ALIVE'], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  for (const row of table) {
    say(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
  }
  return rows.every((row) => row[3] === 'ready') ? 0 : NOT_ALL_READY;
}
