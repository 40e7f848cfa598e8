export { createApp } from './app.js';
export type { ArtemisApp } from './mountable.js';
export { listen } from './listen.js';
export type { Listener, ListenOptions } from './listen.js';
