/** Into so many parts the window is cut. */
const parts = 12;

interface Part {
  readonly fromMs: number;
  /** Leases owned when the first one of this part lapsed. */
  readonly owned: number;
  lapses: number;
}

/** How many leases lapsed of late, and of how many. Moves on in steps of a twelfth of its length. */
export class LapseWindow {
  readonly #partMs: number;
  readonly #windowMs: number;
  #parts: Part[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.#partMs = windowMs / parts;
  }

  /** @param owned leases owned just before */
  add(nowMs: number, lapses: number, owned: number): void {
    this.#drop(nowMs);
    const last = this.#parts.at(-1);
    if (last !== undefined && nowMs < last.fromMs + this.#partMs) last.lapses += lapses;
    else this.#parts.push({ fromMs: nowMs, owned, lapses });
  }

  /** `owned`: of them, when the window began; 0 while nothing lapses. */
  read(nowMs: number): { lapses: number; owned: number } {
    this.#drop(nowMs);
    const lapses = this.#parts.reduce((sum, part) => sum + part.lapses, 0);
    return { lapses, owned: this.#parts[0]?.owned ?? 0 };
  }

  #drop(nowMs: number): void {
    const first = this.#parts.findIndex(({ fromMs }) => fromMs > nowMs - this.#windowMs);
    if (first !== 0) this.#parts = first < 0 ? [] : this.#parts.slice(first);
  }
}
