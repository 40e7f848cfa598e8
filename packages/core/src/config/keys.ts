/** The kinds of keys: how the value of each is checked, read from a plain text, and described. */
import type { TextRule } from './rules.js';
import { show } from './problems.js';

export type ConfigValue = number | boolean | string | readonly string[];

/** Something wrong with a value; `index` tells the item when the value is a list. */
interface Complaint {
  readonly message: string;
  readonly index?: number;
}

export interface ConfigKey<Value> {
  /** Name within its section, as the file has it. */
  readonly name: string;
  /** One sentence for people. */
  readonly about: string;
  /** In the documented unit; `undefined` when there is none or when it is computed. */
  readonly default: Value | undefined;
  /** What the default is when it is no constant. */
  readonly defaultAbout: string | undefined;
  /** What a value must be; completes "expected …". */
  readonly expected: string;
  /** How many units of the code make one documented unit: 1000 for keys in seconds, which are milliseconds in code. */
  readonly scale: number;
  /** Never shown. */
  readonly secret: boolean;
  /** Whether the value is good, in the documented unit (scale 1) or in the unit of the code (scale of the key). */
  check(value: unknown, scale?: number): readonly Complaint[];
  /** A text of the environment or command line as a value; what cannot be read stays text, for `check` to refuse. */
  fromText(raw: string): unknown;
}

const plain = { defaultAbout: undefined, scale: 1, secret: false } as const;

function refuse(value: unknown, expected: string): readonly Complaint[] {
  return [{ message: `is ${show(value)}, expected ${expected}` }];
}

interface Range {
  readonly min: number;
  readonly max: number;
}

type Unit = 'milliseconds' | 'seconds' | 'bytes';

function rangeText({ min, max }: Range, unit: Unit | undefined): string {
  return `an integer from ${min} to ${max}${unit === undefined ? '' : ` (${unit})`}`;
}

export function integer(
  name: string,
  value: number,
  range: Range,
  about: string,
  unit?: Unit,
): ConfigKey<number> {
  return {
    ...plain,
    name,
    about,
    default: value,
    expected: rangeText(range, unit),
    scale: unit === 'seconds' ? 1000 : 1,
    check(given, scale = 1) {
      const scaled = { min: range.min * scale, max: range.max * scale };
      const good = Number.isInteger(given) && Number(given) >= scaled.min && Number(given) <= scaled.max;
      return good ? [] : refuse(given, rangeText(scaled, scale === 1 ? unit : 'milliseconds'));
    },
    fromText: (raw) => (/^[+-]?\d+$/.test(raw.trim()) ? Number(raw) : raw),
  };
}

export function millis(name: string, value: number, range: Range, about: string): ConfigKey<number> {
  return integer(name, value, range, about, 'milliseconds');
}

export function seconds(name: string, value: number, range: Range, about: string): ConfigKey<number> {
  return integer(name, value, range, about, 'seconds');
}

export function bytes(name: string, value: number, range: Range, about: string): ConfigKey<number> {
  return integer(name, value, range, about, 'bytes');
}

/** A part of a whole, above 0 and below 1. */
export function fraction(name: string, value: number, about: string): ConfigKey<number> {
  const expected = 'a number above 0 and below 1';
  const good = (given: unknown): boolean => typeof given === 'number' && given > 0 && given < 1;
  return {
    ...plain,
    name,
    about,
    default: value,
    expected,
    check: (given) => (good(given) ? [] : refuse(given, expected)),
    fromText: (raw) => (/^\d*\.?\d+$/.test(raw.trim()) ? Number(raw) : raw),
  };
}

export function toggle(name: string, value: boolean, about: string): ConfigKey<boolean> {
  const expected = 'true or false';
  return {
    ...plain,
    name,
    about,
    default: value,
    expected,
    check: (given) => (typeof given === 'boolean' ? [] : refuse(given, expected)),
    fromText(raw) {
      const word = raw.trim();
      return word === 'true' ? true : word === 'false' ? false : raw;
    },
  };
}

export function text(name: string, value: string, rule: TextRule, about: string): ConfigKey<string> {
  return {
    ...plain,
    name,
    about,
    default: value,
    expected: rule.expected,
    check: (given) => (typeof given === 'string' && rule.accepts(given) ? [] : refuse(given, rule.expected)),
    fromText: (raw) => raw,
  };
}

/** A text whose default is made from other values when the configuration is loaded. */
export function computed(
  name: string,
  defaultAbout: string,
  rule: TextRule,
  about: string,
): ConfigKey<string> {
  return { ...text(name, '', rule, about), default: undefined, defaultAbout };
}

/** A text that need not be there, and that no message and no listing repeats. */
export function secret(name: string, rule: TextRule, about: string): ConfigKey<string | undefined> {
  const key = text(name, '', rule, about);
  return {
    ...key,
    default: undefined,
    defaultAbout: 'none',
    secret: true,
    check: (given) =>
      key.check(given).length === 0 ? [] : [{ message: `cannot be used, expected ${rule.expected}` }],
  };
}

export function choice<Word extends string>(
  name: string,
  value: Word,
  words: readonly Word[],
  about: string,
): ConfigKey<Word> {
  const expected = `one of ${words.join(', ')}`;
  return {
    ...plain,
    name,
    about,
    default: value,
    expected,
    check: (given) => (words.some((word) => word === given) ? [] : refuse(given, expected)),
    fromText: (raw) => raw.trim(),
  };
}

export function list(name: string, rule: TextRule, about: string): ConfigKey<readonly string[]> {
  return {
    ...plain,
    name,
    about,
    default: [],
    expected: `a list, each item ${rule.expected}`,
    check(given) {
      if (!Array.isArray(given)) return refuse(given, `a list, each item ${rule.expected}`);
      return given.flatMap((item: unknown, index) =>
        typeof item === 'string' && rule.accepts(item)
          ? []
          : [{ index, message: `is ${show(item)}, expected ${rule.expected}` }],
      );
    },
    fromText: (raw) => (raw.trim() === '' ? [] : raw.split(',').map((item) => item.trim())),
  };
}
