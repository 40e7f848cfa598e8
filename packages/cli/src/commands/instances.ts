import { keyOf } from '@artemis/core';
import { counted } from '../cluster/words.js';
import { exitCodes } from '../exit-codes.js';
import type { Host } from '../host.js';
import type { HeldLease, ListedInstance } from '../registry/answers.js';
import { fittedTable } from '../registry/fitted-table.js';
import { jsonText } from '../registry/json-text.js';
import { RegistryNodes } from '../registry/nodes.js';
import { askLeases, askService, leasesByKey } from '../registry/questions.js';
import { screenOf, type Screen } from '../registry/screen.js';
import { unknownService } from '../registry/unknown-service.js';
import { addressOf, leaseText, nameOf, placeOf, statusText } from '../registry/words.js';
import { escapeControls } from '../escape-controls.js';

export interface InstancesOptions {
  readonly urls: readonly string[];
  readonly service: string;
  readonly region?: string | undefined;
  readonly zone?: string | undefined;
  /** Those too that are not up. */
  readonly all: boolean;
  readonly json: boolean;
}

/** An instance as it is listed, with what is known of its lease. */
interface Row {
  readonly instance: ListedInstance;
  readonly lease: HeldLease | undefined;
}

/** Prints the instances of a service as one node lists them. */
export async function instances(options: InstancesOptions, host: Host): Promise<number> {
  const nodes = new RegistryNodes(options.urls);
  const service = await askService(nodes, options.service);
  if (service === undefined) throw await unknownService(nodes, options.service);
  // A table without lease ages is better than none.
  const leases = await askLeases(nodes, options.service).catch(() => []);
  const here = (key: { region_id: string; zone_id: string }) =>
    (options.region === undefined || key.region_id === options.region) &&
    (options.zone === undefined || key.zone_id === options.zone);
  const byKey = leasesByKey(leases);
  const rows = service.instances
    .filter(here)
    .map((instance): Row => ({ instance, lease: byKey.get(keyOf(instance as Parameters<typeof keyOf>[0])) }));
  const shown = rows.filter(({ instance }) => options.all || instance.status === 'up');
  const hidden = leases.filter(({ state, instance_key: key }) => state === 'hidden' && here(key));
  if (options.json) {
    const { service_id, revision, log_id } = service;
    const list = shown.map(({ instance, lease }) => ({
      ...instance,
      ...(lease && { lease: leaseJson(lease) }),
    }));
    const answer = {
      service_id,
      node: nodes.node,
      revision,
      log_id,
      instances: list,
      hidden: hidden.map(keyOfLease),
    };
    host.stdout.write(`${jsonText(answer)}\n`);
    return exitCodes.ok;
  }
  const screen = screenOf(host);
  const table = shown.length === 0 ? '' : `${tableOf(shown, screen)}\n\n`;
  host.stdout.write(`${table}${summaryOf(rows, hidden, options, nodes.node)}\n`);
  return exitCodes.ok;
}

const keyOfLease = ({ instance_key: key }: HeldLease) => key;
const leaseJson = ({ owner, ttl_ms, age_ms, remaining_ms, state }: HeldLease) => ({
  owner,
  ttl_ms,
  age_ms,
  remaining_ms,
  state,
});

function tableOf(rows: readonly Row[], { paint, columns }: Screen): string {
  const grouped = rows.some(({ instance }) => instance.group_id);
  return fittedTable({
    head: ['INSTANCE', ...(grouped ? ['GROUP'] : []), 'STATUS', 'ZONE', 'ADDRESS', 'LEASE'],
    rows: rows.map(({ instance, lease }) => [
      escapeControls(instance.instance_id),
      ...(grouped ? [escapeControls(instance.group_id ?? '') || '-'] : []),
      statusText(instance, paint),
      placeOf(instance),
      addressOf(instance),
      leaseText(lease),
    ]),
    columns,
  });
}

/** `2 of 3 instances of orders are up at node1; --all shows the others`. */
function summaryOf(
  rows: readonly Row[],
  hidden: readonly HeldLease[],
  { all, service, region, zone }: InstancesOptions,
  node: string,
): string {
  const up = rows.filter(({ instance }) => instance.status === 'up').length;
  const unsure = rows.filter(({ instance }) => instance.unconfirmed === true).length;
  const of = `of ${escapeControls(service)}${placed(region, zone)}`;
  const parts = [
    rows.length === 0
      ? `No instance ${of} at ${node}`
      : `${up} of ${counted(rows.length, 'instance')} ${of} up at ${node}`,
    ...(unsure > 0 ? [`${unsure} unconfirmed: the node cannot vouch for the lease`] : []),
    ...(!all && rows.length > up ? ['the others: --all'] : []),
    ...hidden.slice(0, 1).map(({ instance_key: key }) => {
      const [name = ''] = [nameOf(key).replace('/', ' ')];
      return `${hidden.length} hidden, why: artemis explain ${name}`;
    }),
  ];
  return parts.join('; ');
}

function placed(region: string | undefined, zone: string | undefined): string {
  if (region === undefined && zone === undefined) return '';
  return ` in ${escapeControls(`${region ?? '*'}/${zone ?? '*'}`)}`;
}
