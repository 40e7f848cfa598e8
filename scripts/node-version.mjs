// Imported first by every script. This file and the scripts that import it keep to what Node 12 reads
// (no `?.`, no `??`, no `node:` imports, no top-level await), so that an old Node meets this message and
// not a syntax error.

const wanted = [20, 19];
const found = process.versions.node.split('.').map(Number);

if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error(
    `Artemis needs Node ${wanted.join('.')} or newer, and this is Node ${process.versions.node}
(${process.execPath}). Install a newer one from https://nodejs.org and try again.`,
  );
  process.exit(1);
}
