export { createApp } from './app.js';
export type { ArtemisApp } from './mountable.js';
export { listen } from './listen.js';
export type { Listener, ListenOptions } from './listen.js';
export { attachPush } from './push/attach-push.js';
export type { Push, UpgradableServer } from './push/attach-push.js';
export { serve } from './serve.js';
