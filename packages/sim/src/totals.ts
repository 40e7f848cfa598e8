import type { RunReport } from './report.js';
import { replayCommand } from './report.js';

const dayMs = 24 * 3_600_000;

/** What many runs come to. */
export class Totals {
  readonly #seeds = new Set<number>();
  readonly #faults = new Map<string, number>();
  readonly #failures: { readonly command: string; readonly checkers: string }[] = [];
  #runs = 0;
  #virtualMs = 0;
  #violations = 0;

  add(report: RunReport): void {
    this.#runs += 1;
    this.#seeds.add(report.seed);
    this.#virtualMs += report.virtualMs;
    for (const [kind, count] of Object.entries(report.faults)) {
      this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + count);
    }
    if (report.violations.length === 0) return;
    this.#violations += report.violations.length;
    const checkers = [...new Set(report.violations.map(({ checker }) => checker))].join(', ');
    this.#failures.push({ command: replayCommand(report), checkers });
  }

  get good(): boolean {
    return this.#failures.length === 0;
  }

  /** A few lines, the failing runs with the commands that repeat them. */
  text(): string {
    const faults = [...this.#faults].sort(([, a], [, b]) => b - a);
    const all = faults.reduce((sum, [, count]) => sum + count, 0);
    return [
      `${(this.#virtualMs / dayMs).toFixed(2)} simulated days in ${this.#runs} runs of ${this.#seeds.size} seeds`,
      `${all} faults: ${faults.map(([kind, count]) => `${count} ${kind}`).join(', ')}`,
      `${this.#violations} violations in ${this.#failures.length} runs`,
      ...this.#failures.map(({ command, checkers }) => `  ${command}    # ${checkers}`),
    ].join('\n');
  }
}
