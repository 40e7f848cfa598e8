interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A page of metrics in the text format of Prometheus. */
export class Metrics {
  readonly #samples: readonly Sample[];

  /** @throws Error when a line is none of that format */
  constructor(text: string) {
    this.#samples = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map(parseLine);
  }

  has(name: string): boolean {
    return this.#samples.some((sample) => sample.name === name);
  }

  /** Sum of the samples that carry these labels, others besides or not; 0 when there are none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.#samples
      .filter((sample) => sample.name === name)
      .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
      .reduce((total, { value }) => total + value, 0);
  }
}

function parseLine(line: string): Sample {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const number = numberOf(value);
  if (name === undefined || number === undefined)
    throw new Error(`no line of the Prometheus format: ${line}`);
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text])),
    value: number,
  };
}

function numberOf(text = ''): number | undefined {
  // Of nothing, the average is no number.
  if (/^nan$/i.test(text)) return NaN;
  const number = Number(text.replace('Inf', 'Infinity'));
  return text === '' || Number.isNaN(number) ? undefined : number;
}
