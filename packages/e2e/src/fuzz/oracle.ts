import { isIP } from 'node:net';

/**
 * What the documentation says of right and wrong, written a second time and without the schemas of the product, so
 * that a mistake in them is seen. `unsure` is where only the product's own reading can tell, such as host names.
 */
export type Opinion = 'right' | 'wrong' | 'unsure';

type Item = Readonly<Record<string, unknown>>;

const statuses = ['starting', 'up', 'down', 'unhealthy', 'unknown'];
const driftMs = 60_000;
/** Clocks of this process and of the node, and the time in between. */
const toleranceMs = 5_000;

function all(...opinions: readonly Opinion[]): Opinion {
  if (opinions.includes('wrong')) return 'wrong';
  return opinions.includes('unsure') ? 'unsure' : 'right';
}

const is = (fine: boolean): Opinion => (fine ? 'right' : 'wrong');

function id(value: unknown, least = 1): Opinion {
  if (typeof value !== 'string') return 'wrong';
  const length = [...value].length;
  const printable = !/[\p{C}\p{Zl}\p{Zp}]/u.test(value);
  return is(length >= least && length <= 255 && printable && !value.startsWith('/') && !value.endsWith('/'));
}

const absent = (value: unknown): boolean => value === undefined || value === null;

const optionalText = (value: unknown, most: number): Opinion =>
  is(absent(value) || (typeof value === 'string' && value.length <= most));

const whole = (value: unknown, least: number, most: number): Opinion =>
  is(Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most);

export function aboutKey(item: Item): Opinion {
  return all(
    id(item['region_id']),
    id(item['zone_id']),
    id(item['service_id']),
    absent(item['group_id']) ? 'right' : id(item['group_id'], 0),
    id(item['instance_id']),
  );
}

export function aboutInstance(item: Item): Opinion {
  return all(
    aboutKey(item),
    optionalText(item['machine_name'], 255),
    optionalText(item['protocol'], 255),
    address(item['ip']),
    whole(item['port'], 0, 65_535),
    url(item['url']),
    optionalText(item['health_check_url'], 2048),
    is(statuses.includes(item['status'] as string)),
    absent(item['metadata']) ? 'right' : metadata(item['metadata']),
    absent(item['lease_ttl_secs']) ? 'right' : whole(item['lease_ttl_secs'], 1, 1_500),
  );
}

function address(value: unknown): Opinion {
  if (typeof value !== 'string') return 'wrong';
  if (isIP(value) !== 0) return value.includes('%') ? 'unsure' : 'right';
  return /^[\w.-]{1,254}$/.test(value) ? 'unsure' : 'wrong';
}

function url(value: unknown): Opinion {
  if (typeof value !== 'string' || value.length > 2048 || !URL.canParse(value)) return 'wrong';
  return /^(https?|dubbo):\/\/[\w.:[\]]+/.test(value) ? 'right' : 'unsure';
}

function metadata(value: unknown): Opinion {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'wrong';
  const entries = Object.entries(value as Item);
  if (entries.length > 64 || !entries.every(([, text]) => typeof text === 'string')) return 'wrong';
  return is(Buffer.byteLength(entries.flat().join('')) <= 16_384);
}

const instanceFields = [
  'region_id',
  'zone_id',
  'service_id',
  'group_id',
  'instance_id',
  'machine_name',
  'protocol',
].concat(['ip', 'port', 'url', 'health_check_url', 'status', 'metadata', 'lease_ttl_secs', 'replica']);

function fewExtras(item: Item): boolean {
  const extras = Object.entries(item).filter(([name]) => !instanceFields.includes(name));
  return extras.length <= 64 && (extras.length === 0 || JSON.stringify(extras).length <= 16_384);
}

interface Replica {
  readonly version: unknown;
  readonly state: unknown;
  readonly reason: unknown;
  readonly ageMs: unknown;
  readonly ttlMs: unknown;
}

/** A record as peers register it. */
export function aboutRecord(item: Item, nowMs: number): Opinion {
  const { replica } = item;
  if (typeof replica !== 'object' || replica === null || Array.isArray(replica)) return 'wrong';
  const { version, state, reason, age_ms: ageMs, lease_ttl_ms: ttlMs } = replica as Item;
  if (!absent(reason) && reason !== 'unregistered' && reason !== 'expired') return 'wrong';
  const hasInstance = item['ip'] !== undefined;
  if (hasInstance && !fewExtras(item)) return 'wrong';
  return all(
    hasInstance ? aboutInstance(item) : aboutKey(item),
    story({ version, state, reason, ageMs, ttlMs }, hasInstance, nowMs),
  );
}

/** A removal as peers send it. */
export function aboutRemoval(item: Item, nowMs: number): Opinion {
  const { version, reason, instance } = item;
  if (reason !== 'unregistered' && reason !== 'expired') return 'wrong';
  const ttlMs = item['lease_ttl_ms'] ?? 0;
  const parts = { version, state: 'removed', reason, ageMs: 0, ttlMs };
  if (absent(instance)) return all(aboutKey(item), story(parts, false, nowMs));
  if (typeof instance !== 'object' || Array.isArray(instance)) return 'wrong';
  // Whether both name the same instance is compared without regard to the case of the service alone.
  const named = instance as Item;
  if (!fewExtras(named)) return 'wrong';
  const same = ['region_id', 'zone_id', 'instance_id'].every((field) => named[field] === item[field]);
  const sameService = String(named['service_id']).toLowerCase() === String(item['service_id']).toLowerCase();
  const sameGroup = (named['group_id'] ?? '') === (item['group_id'] ?? '');
  return all(
    aboutKey(item),
    aboutInstance(named),
    is(same && sameService && sameGroup),
    story(parts, true, nowMs),
  );
}

/** Whether version, state, reason and instance belong together, and the clock is one that a node may have. */
function story(
  { version, state, reason, ageMs, ttlMs }: Replica,
  hasInstance: boolean,
  nowMs: number,
): Opinion {
  if (!Array.isArray(version) || version.length !== 4) return 'wrong';
  const [stamp, origin, round, owner] = version as readonly unknown[];
  const texts = typeof origin === 'string' && typeof owner === 'string';
  if (!texts || origin.length < 1 || origin.length > 510 || owner.length > 255) return 'wrong';
  if (/[^\x21-\x7e]/.test(origin + owner)) return 'wrong';
  const numbers = all(
    whole(stamp, 0, Number.MAX_SAFE_INTEGER),
    whole(round, 0, 2 ** 31),
    whole(ageMs, 0, Number.MAX_SAFE_INTEGER),
    whole(ttlMs, 0, 1_500_000),
  );
  if (numbers === 'wrong') return 'wrong';
  const odd = (round as number) % 2 === 1;
  const told =
    state === 'alive'
      ? hasInstance && !odd && owner !== '' && ttlMs !== 0
      : state === 'removed' &&
        owner === '' &&
        (reason === 'expired' ? odd && hasInstance && ttlMs !== 0 : round === 0);
  // Nothing is made of the instance of an unregister, whether one is sent or not.
  const aheadMs = (stamp as number) / 1024 - nowMs - driftMs;
  if (!told || aheadMs > toleranceMs) return 'wrong';
  return aheadMs > -toleranceMs ? 'unsure' : 'right';
}
