import type { Cancel, ChangeFeed, Snapshots } from '@artemis/core';
import type { ChangeRun } from './change-texts.js';
import type { FrameLog } from './frame-log.js';

/** A session that has to catch up. */
export interface BehindSession {
  /** Changes that wait until its socket drains. */
  readonly waiting: number;
}

/** What sessions share. */
export interface SessionHost {
  readonly changes: ChangeFeed;
  readonly snapshots: Snapshots;
  readonly frames: FrameLog;
  readonly queueLimit: number;
  /** Sends everybody what has changed up to now. */
  flush(): void;
  /** A snapshot as JSON. @param keep whether somebody else is likely to ask for the same */
  snapshotText(serviceKey: string, serviceId: string, keep: boolean): string;
  changeText(run: ChangeRun): string;
  soon(task: () => void): Cancel;
  sent(type: string): void;
  reloaded(watch: 'service' | 'all'): void;
  /** A session takes less than it is sent, or has caught up. */
  behind(session: BehindSession, isBehind: boolean): void;
}
