import type { SeededRandom } from '@artemis/core/testing';
import { hostileName, hostileValue } from './hostile-values.js';
import { isPlainObject, Pairs, type Json } from './json-writer.js';

/** One to three changes, each at a random place of the value. */
export function mutate(value: Json, random: SeededRandom): Json {
  let mutated = value;
  const changes = random.pick([1, 1, 1, 2, 3]);
  for (let change = 0; change < changes; change += 1) mutated = changeWithin(mutated, random);
  return mutated;
}

/** Goes down into the value, the deeper the more of it there is, and changes what it arrives at. */
function changeWithin(value: Json, random: SeededRandom): Json {
  const goesOn = random.chance(0.75);
  if (Array.isArray(value) && value.length > 0 && goesOn) {
    const list = value as readonly Json[];
    const at = random.int(0, list.length - 1);
    return list.map((item, index) => (index === at ? changeWithin(item, random) : item));
  }
  if (isPlainObject(value) && Object.keys(value).length > 0 && goesOn) {
    const name = random.pick(Object.keys(value));
    return withField(value, name, changeWithin(value[name] ?? null, random));
  }
  return changeHere(value, random);
}

function changeHere(value: Json, random: SeededRandom): Json {
  if (isPlainObject(value) && random.chance(0.7)) return changeObject(value, random);
  if (Array.isArray(value) && random.chance(0.7)) return changeList(value as readonly Json[], random);
  return random.chance(0.1) ? random.pick<Json>([[value], { value }]) : hostileValue(random);
}

function changeObject(value: { readonly [name: string]: Json }, random: SeededRandom): Json {
  const present = Object.keys(value);
  const name = present.length > 0 ? random.pick(present) : '';
  switch (random.int(0, 4)) {
    case 0:
      return Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
    case 1:
      return new Pairs([...Object.entries(value), [name, hostileValue(random)]]);
    case 2:
      return new Pairs([[hostileName(random), hostileValue(random)], ...Object.entries(value)]);
    case 3: {
      // The same field in other letters is another field.
      const [old, inner] = [name, value[name] ?? null];
      return Object.fromEntries(
        Object.entries(value).map(([other, kept]) =>
          other === old ? [old.toUpperCase(), inner] : [other, kept],
        ),
      );
    }
    default: {
      const many = Array.from({ length: random.pick([63, 64, 65, 300]) }, (_, index): [string, Json] => {
        return [`extra${index}`, index % 7 === 0 ? hostileValue(random) : 'x'];
      });
      return new Pairs([...Object.entries(value), ...many]);
    }
  }
}

function changeList(value: readonly Json[], random: SeededRandom): Json {
  const [first = null] = value;
  switch (random.int(0, 4)) {
    case 0:
      return [];
    case 1:
      return [...value, hostileValue(random)];
    case 2:
      return [value];
    case 3:
      return Array<Json>(random.pick([2, 7, 300])).fill(first);
    default:
      return value.toReversed();
  }
}

function withField(value: { readonly [name: string]: Json }, name: string, inner: Json): Json {
  // Assigned one by one, a field of the name `__proto__` would change the object and not be in it.
  return new Map(Object.entries(value)).has(name)
    ? Object.fromEntries(Object.entries(value).map(([other, kept]) => [other, other === name ? inner : kept]))
    : value;
}
