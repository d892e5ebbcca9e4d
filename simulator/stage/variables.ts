/** The variables of serverless.yml that this project uses: file, self, sls, aws, opt, env, each with a fallback. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';

export interface Place {
  readonly stage: string;
  readonly region: string;
  readonly account: string;
}

/** A variable and its fallback, inside a text or as all of it. What CloudFormation substitutes (`${AWS::Region}`) is none. */
const VARIABLE = /\$\{((?:file\([^)]+\)(?::[^,}]*)?)|(?:self|sls|aws|opt|env):(?!:)[^,}]+)(?:,\s*([^}]*))?\}/;
const WHOLE = new RegExp(`^${VARIABLE.source}$`);

/**
 * Reads a serverless.yml and resolves its variables.
 * @throws Error naming the variable that cannot be resolved.
 */
export async function readServerless(
  file: string,
  { account }: { readonly account: string },
): Promise<{ document: unknown; place: Place }> {
  const document = parse(readFileSync(file, 'utf8')) as { provider?: { stage?: unknown; region?: unknown } };
  const folder = dirname(resolve(file));
  const first: Place = { stage: 'dev', region: 'us-east-1', account };
  const stage = String((await resolveIn(document.provider?.stage ?? first.stage, { document, folder, place: first })) ?? first.stage);
  const region = String(
    (await resolveIn(document.provider?.region ?? first.region, { document, folder, place: { ...first, stage } })) ?? first.region,
  );
  const place = { stage, region, account };
  return { document: await resolveIn(document, { document, folder, place }), place };
}

interface Source {
  readonly document: unknown;
  readonly folder: string;
  readonly place: Place;
}

async function resolveIn(value: unknown, source: Source): Promise<unknown> {
  if (typeof value === 'string') return resolveText(value, source);
  if (Array.isArray(value)) return Promise.all(value.map(member => resolveIn(member, source)));
  if (value === null || typeof value !== 'object') return value;
  const entries = await Promise.all(Object.entries(value).map(async ([key, member]) => [key, await resolveIn(member, source)] as const));
  return Object.fromEntries(entries);
}

async function resolveText(text: string, source: Source): Promise<unknown> {
  const whole = WHOLE.exec(text);
  if (whole !== null) return lookUp(whole[1] ?? '', whole[2], source);
  let rest = text;
  for (let found = VARIABLE.exec(rest); found !== null; found = VARIABLE.exec(rest)) {
    rest = rest.replace(found[0], String(await lookUp(found[1] ?? '', found[2], source)));
  }
  return rest;
}

async function lookUp(name: string, fallback: string | undefined, source: Source): Promise<unknown> {
  const value = await variable(name, source);
  if (value !== undefined) return value;
  if (fallback === undefined) throw new Error(`serverless.yml: \${${name}} is nothing, and it has no fallback`);
  return resolveText(fallback.replace(/^'(.*)'$/, '$1'), source);
}

async function variable(name: string, source: Source): Promise<unknown> {
  const { place, document } = source;
  const [, path, inFile] = /^file\(([^)]+)\)(?::(.*))?$/.exec(name) ?? [];
  if (path !== undefined) return at(await load(resolve(source.folder, path), place), inFile);
  const [kind = '', key = ''] = name.split(/:(.*)/s);
  if (kind === 'self') return resolveIn(at(document, key), source);
  if (kind === 'env') return process.env[key];
  if (name === 'sls:stage') return place.stage;
  if (name === 'aws:region') return place.region;
  if (name === 'aws:accountId') return place.account;
  return undefined; // options of the command line: there is none here
}

/** YAML and JSON are read; a script is asked, as the framework asks it. */
async function load(file: string, place: Place): Promise<unknown> {
  if (!/\.[cm]?js$/.test(file)) return parse(readFileSync(file, 'utf8'));
  const { default: exported } = (await import(pathToFileURL(file).href)) as { default: unknown };
  if (typeof exported !== 'function') return exported;
  const answers: Readonly<Record<string, string>> = {
    'sls:stage': place.stage,
    'aws:region': place.region,
    'aws:accountId': place.account,
  };
  return exported({ options: {}, resolveVariable: async (name: string) => answers[name] });
}

const at = (value: unknown, path: string | undefined): unknown =>
  (path ?? '')
    .split('.')
    .filter(Boolean)
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
