// What to try once the cluster runs.
import { hostPort } from './config.mjs';
import { say, scriptCommand } from './state.mjs';

const INSTANCE = {
  region_id: 'local',
  zone_id: 'zone1',
  service_id: 'test-service',
  instance_id: 'inst-1',
  ip: '192.168.1.100',
  port: 8080,
  url: 'http://192.168.1.100:8080',
  status: 'up',
};

/** Prints commands to paste: register on the first node, find on the last, stop. */
export function printHints(nodes) {
  const [first, last] = [nodes[0], nodes.at(-1)];
  const body = JSON.stringify({ instances: [INSTANCE] });
  say(`
The cluster is ready: ${nodes.map((node) => `http://${hostPort(node.address)}`).join(' ')}

Register an instance on ${first.name} (listed until its lease of 30 s ends without a heartbeat):
  curl -s http://${hostPort(first.address)}/api/registry/register.json -H 'Content-Type: application/json' -d '${body}'

Find it on ${last.name}:
  curl -s 'http://${hostPort(last.address)}/api/discovery/service.json?service_id=${INSTANCE.service_id}'

Stop the cluster:
  ${scriptCommand('stop')}`);
}
