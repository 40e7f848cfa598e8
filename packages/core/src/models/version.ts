import * as z from 'zod';
import { limits } from './limits.js';

/**
 * Orders the writes of one key across nodes. Compared field by field, in this order.
 *
 * Only a register or an unregister makes a stamp, at round 0. After that an even round is alive and an odd
 * round is the expiry of the round before it. A removal has an empty owner.
 */
export interface Version {
  /** Hybrid logical time: unix ms x 1024 + counter. */
  readonly stamp: number;
  /** Node id and run id of the node that made the stamp, `node1#k3f9`: no version is ever minted twice. */
  readonly origin: string;
  readonly round: number;
  /** Node id of the node that may expire the record; empty for a removal. */
  readonly owner: string;
}

const originLength = limits.idLength * 2;

/** As node ids are. Others could make two versions look the same to a digest, or be changed by an encoding on the way. */
const visible = (most: number, least: number) =>
  z
    .string()
    .max(most)
    .regex(new RegExp(`^[\\x21-\\x7e]{${least},}$`), 'expected visible ASCII characters');

/** A version on the wire. */
export const wireVersionSchema = z
  .tuple([
    z.int().min(0).describe('stamp: hybrid logical time, unix ms x 1024 + counter'),
    visible(originLength, 1).describe('origin: node id and run id, node1#k3f9'),
    z
      .int()
      .min(0)
      .max(2 ** 31)
      .describe('round: even is alive, odd is an expiry'),
    visible(limits.idLength, 0).describe('owner: node id, empty for a removal'),
  ])
  .describe('[stamp, origin, round, owner]');
export type WireVersion = z.infer<typeof wireVersionSchema>;

/** Negative when `a` is older than `b`, zero when equal, positive when newer: a total order. */
export function compareVersions(a: Version, b: Version): number {
  if (a.stamp !== b.stamp) return a.stamp - b.stamp;
  if (a.origin !== b.origin) return a.origin < b.origin ? -1 : 1;
  if (a.round !== b.round) return a.round - b.round;
  if (a.owner !== b.owner) return a.owner < b.owner ? -1 : 1;
  return 0;
}

/** Whether both are rounds of the same register or unregister. */
export function sameRegistration(a: Version, b: Version): boolean {
  return a.stamp === b.stamp && a.origin === b.origin;
}

export function encodeVersion(version: Version): WireVersion {
  return [version.stamp, version.origin, version.round, version.owner];
}

export function decodeVersion([stamp, origin, round, owner]: WireVersion): Version {
  return { stamp, origin, round, owner };
}
