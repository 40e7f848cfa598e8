import type { AppState } from '@artemis/core';
import { expressApp } from './express-app.js';
import { mountable, type ArtemisApp } from './mountable.js';

/**
 * The whole HTTP API of a node. Given to `app.use()` of another app it answers its own paths and lets all others pass;
 * alone it answers those with 404.
 */
export function createApp(state: AppState): ArtemisApp {
  return mountable(expressApp(state));
}
