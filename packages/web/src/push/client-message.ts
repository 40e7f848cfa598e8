import { ArtemisError, clientMessageSchema, describeIssue, limits, type ClientMessage } from '@artemis/core';
import { parseJson } from '../json-text.js';

/** What a wrong message was about, as far as it tells, so that its sender knows which one it was. */
export interface About {
  readonly id?: string | number;
  readonly service_id?: string;
}

type Parsed = { readonly message: ClientMessage } | { readonly problem: string; readonly about: About };

/** Parses a message of a client; a wrong one is described. */
export function parseMessage(text: string): Parsed {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (error instanceof ArtemisError) return { problem: error.message, about: {} };
    throw error;
  }
  const parsed = clientMessageSchema.safeParse(value);
  if (parsed.success) return { message: parsed.data };
  const [issue] = parsed.error.issues;
  const isWhole = issue?.path.length === 0;
  const problem =
    issue?.code === 'invalid_union' && issue.path.join() === 'type'
      ? `type: expected one of ${types.join(', ')}`
      : describeIssue(parsed.error, isWhole ? 'message' : '', value);
  return { problem, about: aboutOf(value) };
}

const types = clientMessageSchema.options.map(({ shape }) => shape.type.value);

function aboutOf(value: unknown): About {
  if (typeof value !== 'object' || value === null) return {};
  const { id, service_id: serviceId } = value as Record<string, unknown>;
  const isId = (typeof id === 'string' && id.length <= limits.idLength) || Number.isSafeInteger(id);
  return {
    ...(isId && { id: id as string | number }),
    ...(typeof serviceId === 'string' && serviceId.length <= limits.idLength && { service_id: serviceId }),
  };
}
