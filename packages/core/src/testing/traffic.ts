/** Messages and their bodies' bytes. A request that arrives twice is one request and two answers. */
export interface Traffic {
  readonly requests: number;
  readonly requestBytes: number;
  readonly answers: number;
  readonly answerBytes: number;
}

/** Calls from one node, to one node, of one path; what is left out is any. */
export interface TrafficFilter {
  readonly from?: string;
  readonly to?: string;
  readonly path?: string;
}

interface Row {
  readonly route: Required<TrafficFilter>;
  traffic: Traffic;
}

const none: Traffic = { requests: 0, requestBytes: 0, answers: 0, answerBytes: 0 };

/** Counts what passes, by caller, callee and path. */
export class TrafficCount {
  readonly #rows = new Map<string, Row>();

  add(route: Required<TrafficFilter>, part: Partial<Traffic>): void {
    const name = `${route.from} ${route.to} ${route.path}`;
    const row = this.#rows.get(name) ?? { route, traffic: none };
    row.traffic = plus(row.traffic, part);
    this.#rows.set(name, row);
  }

  sum({ from, to, path }: TrafficFilter): Traffic {
    return [...this.#rows.values()]
      .filter(({ route }) => (from ?? route.from) === route.from)
      .filter(({ route }) => (to ?? route.to) === route.to && (path ?? route.path) === route.path)
      .reduce((sum, row) => plus(sum, row.traffic), none);
  }

  clear(): void {
    this.#rows.clear();
  }
}

function plus(a: Traffic, b: Partial<Traffic>): Traffic {
  return {
    requests: a.requests + (b.requests ?? 0),
    requestBytes: a.requestBytes + (b.requestBytes ?? 0),
    answers: a.answers + (b.answers ?? 0),
    answerBytes: a.answerBytes + (b.answerBytes ?? 0),
  };
}
