/** Which instances are meant by the words of a command line. */
import { escapeControls } from '../escape-controls.js';
import { Failure } from '../failure.js';
import type { HeldLease, Key } from './answers.js';
import type { RegistryNodes } from './nodes.js';
import { nameOf, placeOf } from './words.js';
import { meant } from './unknown-service.js';

/** An instance is named by its service and its id; the rest of its key only where two have the same. */
export interface InstanceWords {
  readonly service: string;
  readonly instances: readonly string[];
  readonly region?: string | undefined;
  readonly zone?: string | undefined;
  readonly group?: string | undefined;
}

/** The live instances of that id; a service is known by its leases, so that hidden instances are found as well. */
export function keysNamed(leases: readonly HeldLease[], id: string, words: InstanceWords): Key[] {
  const { region, zone, group } = words;
  return leases
    .map(({ instance_key: key }) => key)
    .filter(
      (key) =>
        key.instance_id === id &&
        (region === undefined || key.region_id === region) &&
        (zone === undefined || key.zone_id === zone) &&
        (group === undefined || (key.group_id ?? '') === group),
    );
}

/** The one instance that is meant. @throws Failure when there is none or more than one */
export function onlyKey(
  leases: readonly HeldLease[],
  id: string,
  words: InstanceWords,
  nodes: RegistryNodes,
): Key {
  const [key, another] = keysNamed(leases, id, words);
  if (key === undefined) throw new Failure(noInstance(leases, id, words, nodes));
  if (another === undefined) return key;
  const all = keysNamed(leases, id, words).map((one) => `  ${nameOf(one)} in ${placeOf(one)}`);
  throw new Failure(
    [
      `${words.service} has ${all.length} instances ${JSON.stringify(id)}:`,
      ...all,
      'Say which with --region, --zone, --group',
    ].join('\n'),
  );
}

/** What to say of an instance that is not there. */
export function noInstance(
  leases: readonly HeldLease[],
  id: string,
  { service, region, zone, group }: InstanceWords,
  { node }: RegistryNodes,
): string {
  const elsewhere = keysNamed(leases, id, { service, instances: [] });
  const ids = [...new Set(leases.map(({ instance_key: key }) => key.instance_id))];
  const narrowed = [region, zone, group].some((part) => part !== undefined);
  if (narrowed && elsewhere.length > 0) {
    const places = elsewhere.map((key) => placeOf(key)).join(', ');
    return `${node} knows no instance ${JSON.stringify(id)} of ${escapeControls(service)} there, only in ${places}`;
  }
  return `${node} knows no instance ${JSON.stringify(id)} of ${escapeControls(service)}${meant(id, ids, 'instance')}`;
}
