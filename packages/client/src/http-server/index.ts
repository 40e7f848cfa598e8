/** Registration of an Express or Node HTTP server. */
export { registerServer } from './register-server.js';
export type { RegisterServerOptions, ServerRegistration } from './register-server.js';
