import type { ServerMessage } from '@artemis/core';
import type { ChangeRun, ChangeTexts } from './change-texts.js';

/** Where a watcher stands after a message. */
export interface Position {
  readonly revision: number;
  readonly logId: string;
}

/** A message that is small, or made for one session alone. */
export function messageText(message: ServerMessage): string {
  return JSON.stringify(message);
}

const position = ({ revision, logId }: Position): string =>
  `"revision":${revision},"log_id":${JSON.stringify(logId)}`;

/** `subscribed`; with a snapshot that is JSON already, or without one. */
export function subscribedText(serviceId: string, at: Position, service?: string): string {
  const snapshot = service === undefined ? '' : `,"service":${service}`;
  return `{"type":"subscribed","service_id":${JSON.stringify(serviceId)},${position(at)}${snapshot}}`;
}

export function subscribedAllText(at: Position): string {
  return `{"type":"subscribed_all",${position(at)}}`;
}

/** `service_change` of a run; its revision is that of the last change. */
export function serviceChangeText({ changes }: ChangeRun, logId: string, texts: ChangeTexts): string {
  const last = changes.at(-1);
  const serviceId = JSON.stringify(last?.record.instanceKey.service_id);
  const at = position({ revision: last?.revision ?? 0, logId });
  const list = changes.map((change) => texts.of(change)).join(',');
  return `{"type":"service_change","service_id":${serviceId},${at},"changes":[${list}]}`;
}
