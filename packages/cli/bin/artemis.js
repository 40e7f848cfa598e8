#!/usr/bin/env node
// Checked in, so that the command can be linked before the first build.
import module from 'node:module';

// What is compiled is kept for the next start, where this version of Node.js can (22.8 and later).
module.enableCompileCache?.();
await import('../dist/main.js');
