/** Prints what `npm run package` made: each artifact and the template. */
import { readdirSync, statSync } from 'node:fs';

const folder = new URL('../.serverless/', import.meta.url);
const made = readdirSync(folder).filter(file => file.endsWith('.zip') || file === 'cloudformation-template-update-stack.json');
for (const file of made.sort())
  console.log(`.serverless/${file}`.padEnd(58), `${(statSync(new URL(file, folder)).size / 1024).toFixed(0)} KB`.padStart(8));
