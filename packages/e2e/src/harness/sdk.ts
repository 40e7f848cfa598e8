import { createClient, type ArtemisClient, type ClientOptions, type ServiceView } from '@artemis/client';
import type { Stage } from './stage.js';

/** What an SDK went through: a line for each event. */
export interface SdkLog {
  readonly lines: string[];
  /** Base URL of the node that is used now. */
  node: string | undefined;
}

/** A client of the SDK, on real time and sockets. Its stage closes it. */
export function startSdk(
  stage: Stage,
  options: ClientOptions,
): { readonly client: ArtemisClient; readonly log: SdkLog } {
  const log: SdkLog = { lines: [], node: undefined };
  const write = (level: string) => (message: string) => log.lines.push(`${level} ${message}`);
  const logger = { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
  const client = createClient({ logger, ...options });
  client.on('connected', ({ node }) => {
    log.node = node;
  });
  client.on('disconnected', () => {
    log.node = undefined;
  });
  stage.watchLog('the SDK', () => log.lines.join('\n'));
  stage.defer(() => client.close());
  return { client, log };
}

/** Every change that a view tells, as `new inst-1`. */
export function changesOf(view: ServiceView): string[] {
  const told: string[] = [];
  view.on('change', ({ changes }) => {
    told.push(...changes.map(({ change_type: type, instance }) => `${type} ${instance.instance_id}`));
  });
  return told;
}
