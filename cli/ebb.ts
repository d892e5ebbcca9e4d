#!/usr/bin/env node
/** The command `ebb`. Sources run as they are: what Node made of them is kept, which more than halves the start from the second time on. */
import { enableCompileCache } from 'node:module';

enableCompileCache();
// `ebb … | head` has read enough: that is nobody's failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
await import('./program.ts');
