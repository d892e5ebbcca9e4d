/** Every package in the lock file must carry a permissive licence: `npm run licences`. Exit code 1 names those that do not. */
import { readFileSync } from 'node:fs';

/** Permissive, as SPDX writes them. */
const PERMISSIVE = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Python-2.0',
  'PSF-2.0',
  'CC0-1.0',
  'Unlicense',
  'Zlib',
]);
/** Data, not code: allowed when NOTICE credits it. */
const WITH_NOTICE = new Set(['CC-BY-3.0', 'CC-BY-4.0']);
/** Copyleft of single files, of which a test makes use as they are: allowed in development when NOTICE credits it, and never shipped. */
const IN_DEVELOPMENT = new Set(['MPL-2.0']);

interface Locked {
  readonly version?: string;
  readonly license?: unknown;
  readonly dev?: boolean;
}

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
const notice = read('NOTICE');

const counted = new Map<string, number>();
const refused: string[] = [];
for (const [path, locked] of Object.entries(packages)) {
  if (path === '') continue; // that is us
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const licence = typeof locked.license === 'string' ? locked.license : 'none named';
  counted.set(licence, (counted.get(licence) ?? 0) + 1);
  if (!isAllowed(licence, name) && !isTool(licence, name, locked))
    refused.push(`${name}@${locked.version}: ${licence}${locked.dev ? ' (development only)' : ''}`);
}

function isTool(licence: string, name: string, { dev = false }: Locked): boolean {
  return dev && IN_DEVELOPMENT.has(licence) && notice.includes(name);
}

/** An `OR` lets us choose, an `AND` binds us to both. */
function isAllowed(expression: string, name: string): boolean {
  const bare = expression.replaceAll(/[()]/g, '');
  if (bare.includes(' AND ')) return bare.split(' AND ').every(part => isAllowed(part, name));
  if (bare.includes(' OR ')) return bare.split(' OR ').some(part => isAllowed(part, name));
  return PERMISSIVE.has(bare) || (WITH_NOTICE.has(bare) && notice.includes(name));
}

for (const [licence, count] of [...counted].sort(([, a], [, b]) => b - a)) console.log(`${String(count).padStart(5)}  ${licence}`);
if (refused.length > 0) {
  console.error(`\nNot permissive, or not credited in NOTICE:\n  ${refused.join('\n  ')}`);
  process.exitCode = 1;
} else {
  console.log('\nAll permissive; data licences are credited in NOTICE.');
}
