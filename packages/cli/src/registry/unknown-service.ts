import { nearest } from '@artemis/core/config';
import { counted, joined } from '../cluster/words.js';
import { escapeControls } from '../escape-controls.js';
import { Failure } from '../failure.js';
import type { RegistryNodes } from './nodes.js';
import { askServices } from './questions.js';

const shownNames = 5;
/** Looked through for a similar name. */
const mostNames = 20_000;

/** The failure that says which service may have been meant. */
export async function unknownService(nodes: RegistryNodes, serviceId: string): Promise<Failure> {
  const names: string[] = [];
  for await (const { service_id } of askServices(nodes, { fields: 'names' })) {
    names.push(service_id);
    if (names.length === mostNames) break;
  }
  const lines = [`${nodes.node} knows no service ${JSON.stringify(serviceId)}${meant(serviceId, names)}`];
  if (names.length > 0) lines.push('All of them: artemis services');
  return new Failure(lines.join('\n'));
}

/** `, did you mean orders?`, or the names that there are. */
export function meant(word: string, names: readonly string[], noun = 'service'): string {
  const near = nearest(word, names);
  if (near !== undefined) return `, did you mean ${escapeControls(near)}?`;
  if (names.length === 0) return `: it has no ${noun} at all`;
  if (names.length > shownNames) return `, of ${counted(names.length, noun)} that it knows`;
  return `, only ${joined(names.map(escapeControls))}`;
}
