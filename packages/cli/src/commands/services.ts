import { counted } from '../cluster/words.js';
import { escapeControls } from '../escape-controls.js';
import { exitCodes } from '../exit-codes.js';
import type { Host } from '../host.js';
import type { ListedInstance } from '../registry/answers.js';
import { fittedTable } from '../registry/fitted-table.js';
import { jsonText } from '../registry/json-text.js';
import { RegistryNodes } from '../registry/nodes.js';
import { askServices } from '../registry/questions.js';
import { screenOf } from '../registry/screen.js';
import { placeOf } from '../registry/words.js';

export interface ServicesOptions {
  readonly urls: readonly string[];
  /** Of the service id, without regard to case. */
  readonly prefix?: string | undefined;
  readonly region?: string | undefined;
  readonly zone?: string | undefined;
  readonly json: boolean;
}

/** How many instances of a service callers are offered. */
interface Counts {
  readonly service_id: string;
  readonly up: number;
  /** Of these. */
  readonly unconfirmed: number;
  /** Instances by region/zone. */
  readonly zones: Readonly<Record<string, number>>;
}

/** Prints the services that a node knows, with the number of their instances. */
export async function services(options: ServicesOptions, host: Host): Promise<number> {
  const { urls, prefix, region, zone, json } = options;
  const nodes = new RegistryNodes(urls);
  const rows: Counts[] = [];
  const here = ({ region_id, zone_id }: ListedInstance) =>
    (region === undefined || region_id === region) && (zone === undefined || zone_id === zone);
  for await (const { service_id, instances } of askServices(nodes, { prefix, region, zone }))
    rows.push(countsOf(service_id, instances.filter(here)));
  if (json) {
    host.stdout.write(`${jsonText({ node: nodes.node, services: rows })}\n`);
    return exitCodes.ok;
  }
  const { paint, columns } = screenOf(host);
  const table = fittedTable({
    head: ['SERVICE', 'UP', 'ZONES'],
    rows: rows.map(({ service_id, up, unconfirmed, zones }) => [
      escapeControls(service_id),
      unconfirmed > 0
        ? paint('yellow', `${up} (${unconfirmed} unconfirmed)`)
        : paint(up > 0 ? 'green' : 'red', String(up)),
      zonesText(zones),
    ]),
    columns,
  });
  host.stdout.write(`${rows.length === 0 ? '' : `${table}\n\n`}${summaryOf(rows, options, nodes.node)}\n`);
  return exitCodes.ok;
}

function countsOf(serviceId: string, listed: readonly ListedInstance[]): Counts {
  const zones: Record<string, number> = {};
  for (const instance of listed) {
    const place = placeOf(instance);
    zones[place] = (zones[place] ?? 0) + 1;
  }
  return {
    service_id: serviceId,
    up: listed.length,
    unconfirmed: listed.filter(({ unconfirmed }) => unconfirmed === true).length,
    zones,
  };
}

function zonesText(zones: Counts['zones']): string {
  const named = Object.entries(zones).sort(([a], [b]) => (a < b ? -1 : 1));
  return named.length === 0 ? '-' : named.map(([zone, count]) => `${zone}: ${count}`).join(', ');
}

function summaryOf(rows: readonly Counts[], { prefix, region, zone }: ServicesOptions, node: string): string {
  const filters = [
    ...(prefix === undefined ? [] : [`that begin with ${JSON.stringify(prefix)}`]),
    ...(region === undefined && zone === undefined ? [] : [`in ${region ?? '*'}/${zone ?? '*'}`]),
  ];
  const total = rows.reduce((sum, { up }) => sum + up, 0);
  const found = [counted(rows.length, 'service'), ...filters.map(escapeControls)].join(' ');
  return rows.length === 0
    ? `No ${found.replace(/^0 /, '')} at ${node}`
    : `${found}, ${counted(total, 'instance')} up at ${node}`;
}
