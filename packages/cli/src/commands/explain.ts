import { exitCodes } from '../exit-codes.js';
import type { Host } from '../host.js';
import type { Explanation, HeldLease, Key } from '../registry/answers.js';
import { explanationText } from '../registry/explanation-text.js';
import { jsonText } from '../registry/json-text.js';
import { RegistryNodes } from '../registry/nodes.js';
import { keysNamed, noInstance, type InstanceWords } from '../registry/pick-keys.js';
import { askExplanation, askLeases, askPlace, askService } from '../registry/questions.js';
import { screenOf } from '../registry/screen.js';
import { unknownService } from '../registry/unknown-service.js';

export interface ExplainOptions extends InstanceWords {
  readonly urls: readonly string[];
  readonly json: boolean;
}

/** Says why a node lists instances, or does not: the exit code says whether it lists them all. */
export async function explain(options: ExplainOptions, host: Host): Promise<number> {
  const nodes = new RegistryNodes(options.urls);
  const leases = await askLeases(nodes, options.service);
  const explanations: { readonly explanation: Explanation; readonly hint?: string }[] = [];
  for (const id of options.instances) {
    for (const key of await keysOf(id, options, leases, nodes)) {
      const explanation = await askExplanation(nodes, key);
      const hint = explanation.record === undefined ? await hintOf(id, options, leases, nodes) : undefined;
      explanations.push({ explanation, ...(hint !== undefined && { hint }) });
    }
  }
  if (options.json) {
    host.stdout.write(`${jsonText(explanations.map(({ explanation }) => explanation))}\n`);
  } else {
    const screen = screenOf(host);
    const texts = explanations.map(({ explanation, hint }) => explanationText(explanation, screen, hint));
    host.stdout.write(texts.join('\n'));
  }
  return explanations.every(({ explanation }) => explanation.listed) ? exitCodes.ok : exitCodes.failure;
}

/** The live instances of that id; of one that is not alive the whole key, with the node's region and zone. */
async function keysOf(
  id: string,
  words: InstanceWords,
  leases: readonly HeldLease[],
  nodes: RegistryNodes,
): Promise<Key[]> {
  const alive = keysNamed(leases, id, words);
  if (alive.length > 0) return alive;
  const { region, zone } = words;
  const place = region === undefined || zone === undefined ? await askPlace(nodes) : { region, zone };
  return [
    {
      region_id: region ?? place.region,
      zone_id: zone ?? place.zone,
      service_id: words.service,
      ...(words.group !== undefined && { group_id: words.group }),
      instance_id: id,
    },
  ];
}

/** What may be wrong with the words when the node knows nothing of the instance. */
async function hintOf(
  id: string,
  words: InstanceWords,
  leases: readonly HeldLease[],
  nodes: RegistryNodes,
): Promise<string> {
  const { region, zone } = words;
  const elsewhere =
    region !== undefined && zone !== undefined
      ? ''
      : '\nOne that is gone is found in its own place only: --region, --zone, --group';
  if (leases.length > 0) return noInstance(leases, id, words, nodes) + elsewhere;
  if ((await askService(nodes, words.service)) === undefined)
    return (await unknownService(nodes, words.service)).message;
  return `${nodes.node} knows the service, and no live instance of it${elsewhere}`;
}
