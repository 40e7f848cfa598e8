/** What the SDK offers in Node only. */
export { FileSnapshots } from './file-snapshots.js';
