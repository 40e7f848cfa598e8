import type { ServerResponse } from 'node:http';

/** What a fake peer does with a delivery that it has read. */
export type Reaction = (response: ServerResponse) => void;

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** 200, and all items are taken. */
export const accept: Reaction = (response) => {
  sendJson(response, 200, { response_status: { error_code: 'success' } });
};

export function answerWith(status: number, headers: Readonly<Record<string, string>> = {}): Reaction {
  return (response) => {
    const body = {
      response_status: { error_code: 'bad-request', error_message: `the test wants ${status}` },
    };
    sendJson(response, status, body, headers);
  };
}

/** No answer, ever. */
export const hang: Reaction = () => undefined;

/** The connection breaks. */
export const reset: Reaction = (response) => {
  response.socket?.resetAndDestroy();
};

/** 200 with something that is no JSON though it says so. */
export const garbage: Reaction = (response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end('<html>It works!</html>');
};
