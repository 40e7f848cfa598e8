import { apiRoutes } from '@artemis/core';
import { escapeControls } from '../escape-controls.js';
import { exitCodes } from '../exit-codes.js';
import { Failure } from '../failure.js';
import type { Host } from '../host.js';
import { keysAnswerSchema } from '../registry/answers.js';
import { jsonText } from '../registry/json-text.js';
import { RegistryNodes } from '../registry/nodes.js';
import { onlyKey, type InstanceWords } from '../registry/pick-keys.js';
import { askLeases } from '../registry/questions.js';
import { unknownService } from '../registry/unknown-service.js';
import { nameOf, placeOf } from '../registry/words.js';

export interface UnregisterOptions extends InstanceWords {
  readonly urls: readonly string[];
  readonly json: boolean;
}

/** Removes instances. All of them have to be there, or none is removed. */
export async function unregister(options: UnregisterOptions, host: Host): Promise<number> {
  const nodes = new RegistryNodes(options.urls);
  const leases = await askLeases(nodes, options.service);
  if (leases.length === 0) throw await unknownService(nodes, options.service);
  const keys = options.instances.map((id) => onlyKey(leases, id, options, nodes));
  const { response_status: status } = await nodes.ask({
    method: 'POST',
    path: `${apiRoutes.unregister.path}.json`,
    body: { instance_keys: keys },
    schema: keysAnswerSchema,
  });
  if (status.error_code !== 'success')
    throw new Failure(`${nodes.node} refuses: ${escapeControls(status.error_message ?? status.error_code)}`);
  if (options.json) host.stdout.write(`${jsonText({ node: nodes.node, unregistered: keys })}\n`);
  else
    for (const key of keys)
      host.stdout.write(`Unregistered ${nameOf(key)} in ${placeOf(key)} at ${nodes.node}\n`);
  return exitCodes.ok;
}
