/** A change as people read it: one line. */
import type { InstanceChange } from '@artemis/client';
import { escapeControls } from '../escape-controls.js';
import { visibleWidth } from '../registry/fitted-table.js';
import type { Screen } from '../registry/screen.js';
import { addressOf, nameOf, statusText, timeOfDay } from '../registry/words.js';

/** A change, and where it was heard. */
export interface Heard {
  readonly change: InstanceChange;
  /** HOST:PORT of the node. */
  readonly node: string;
  /** Whether it was there before the watch began. */
  readonly initial: boolean;
}

const gap = '  ';
const styles = { is: 'dim', new: 'green', change: 'yellow', delete: 'red' } as const;
const typeWidth = 6;
/** Columns grow to what was shown in them, up to this. */
const widestColumn = 48;
const narrowestName = 12;

/** Writes lines below each other, so that what belongs together stands together. */
export class ChangeLines {
  readonly #screen: Screen;
  /** Wide enough for the longest status and the longest reason, so that hardly a line moves the next one. */
  readonly #widths: number[] = [narrowestName, 'unhealthy'.length, 'unregistered'.length];

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** The line without its end. */
  line({ change, node, initial }: Heard): string {
    const { paint, columns } = this.#screen;
    const { instance, change_type: kind } = change;
    const type = initial ? 'is' : kind;
    const time = timeText(change.change_time);
    const reason = initial ? '' : (change.reason ?? 'caught up');
    const cells = [
      nameOf(instance),
      kind === 'delete' ? '-' : statusText(instance, paint),
      escapeControls(reason),
      node,
      addressOf(instance),
    ];
    const room = columns - visibleWidth(time) - gap.length - typeWidth - gap.length;
    const shown = this.#aligned(cells, room);
    return `${time}${gap}${paint(styles[type], type.padEnd(typeWidth))}${gap}${shown}`.trimEnd();
  }

  #aligned(cells: readonly string[], room: number): string {
    const [name = '', ...rest] = cells;
    const widths = cells.map((cell, index) => {
      const width = Math.max(this.#widths[index] ?? 0, visibleWidth(cell));
      // One that is very long must not move all that follow.
      this.#widths[index] = Math.min(width, Math.max(widestColumn, this.#widths[index] ?? 0));
      return width;
    });
    const whole = widths.reduce((sum, width) => sum + width + gap.length, -gap.length);
    // The address goes before the name is cut.
    const total = whole <= room ? whole : whole - gap.length - (widths.at(-1) ?? 0);
    const nameWidth = Math.max(narrowestName, (widths[0] ?? 0) - Math.max(0, total - room));
    const parts = [padded(clipped(name, nameWidth), nameWidth)];
    // What still does not fit is left out from the end on: the least important stands last.
    let left = room - visibleWidth(parts[0] ?? '');
    for (const [index, cell] of rest.entries()) {
      const width = widths[index + 1] ?? 0;
      left -= gap.length + Math.max(width, visibleWidth(cell));
      if (left < 0) break;
      parts.push(padded(cell, width));
    }
    return parts.join(gap);
  }
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - visibleWidth(text)));
}

/** Of a long name the end tells more than the middle: both ends stay. */
function clipped(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  const characters = [...text];
  const half = Math.floor((width - 1) / 2);
  return `${characters.slice(0, width - 1 - half).join('')}…${characters.slice(-half).join('')}`;
}

/** `03:21:33.120` by the clock of this machine. */
function timeText(text: string): string {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return escapeControls(text);
  return `${timeOfDay(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
