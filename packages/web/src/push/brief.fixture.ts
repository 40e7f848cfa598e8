import type { Client } from './push-stage.fixture.js';

/** A message in short: its type, service, revision, and what its changes or its snapshot name. */
export function brief(message: object): string {
  const { type, service_id, revision, service, changes } = message as Record<string, never>;
  const of = (list: readonly { instance: { instance_id: string }; change_type: string }[]) =>
    list.map(({ instance, change_type }) => `${change_type} ${instance.instance_id}`).join(' ');
  const ids = (list: { instances: readonly { instance_id: string }[] }) =>
    `[${list.instances.map(({ instance_id }) => instance_id).join(' ')}]`;
  const what = changes === undefined ? service && ids(service) : of(changes);
  return [type, service_id, revision, what].filter((part) => part !== undefined).join(' ');
}

export async function heard(client: Client): Promise<string[]> {
  return (await client.hear()).map(brief);
}
