/** The config folder → one compiled value. Package time and CLI only. It fails closed: one doubt anywhere, and there is no config. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { type Finding, judge } from './explain.ts';
import { freeDays } from './holidays.ts';
import { PolicyError, type Problem } from './problems.ts';
import { type Config, type Policy, policySchema, schedulesSchema, scopesSchema, slackSchema } from './schema.ts';
import { suggestion } from './suggest.ts';
import { readYamlFile, type YamlFile } from './yaml-file.ts';

/**
 * Reads `scopes.yml`, `schedules.yml`, `slack.yml` and `policies/*.yml` (each one policy or a list of them). Policies keep the order of
 * their files' names, and within a file the order in which they stand.
 * @throws PolicyError with every problem of every file.
 */
export function loadConfig(dir: string): Config {
  const problems: Problem[] = [];
  const scopes = loadFile(dir, 'scopes', scopesSchema, problems);
  const schedules = loadFile(dir, 'schedules', schedulesSchema, problems);
  const slack = loadFile(dir, 'slack', slackSchema, problems);
  const policies = loadPolicies(dir, problems);
  problems.push(...repeatedNames(policies), ...unknownSchedules(policies, schedules.names));
  const daysOff = freeDaysOf(schedules, dir, problems);
  if (problems.length > 0 || scopes.value === undefined || schedules.value === undefined || slack.value === undefined)
    throw new PolicyError(inOrder(problems));

  return {
    stage: scopes.value.stage,
    accounts: scopes.value.accounts,
    policies: policies.map(({ policy }) => policy),
    schedules: Object.fromEntries(
      Object.entries(schedules.value).map(([name, schedule]) => [name, { name, ...schedule, ...daysOff.get(name) }]),
    ),
    slack: slack.value,
  };
}

/** What the bundles carry: the same folder gives the same bytes. */
export const compileConfig = (dir: string): string => `${JSON.stringify(loadConfig(dir), sortedKeys, 1)}\n`;

function sortedKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A policy with the place it was read from. */
export interface PlacedPolicy {
  readonly policy: Policy;
  readonly source: YamlFile;
  /** `[]` when the file is one policy, `[2]` for the third of a list. */
  readonly at: readonly number[];
}

/** Every policy that is good in itself; the problems of the others are added to `problems`. */
export function loadPolicies(dir: string, problems: Problem[]): PlacedPolicy[] {
  const folder = join(dir, 'policies');
  const files = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).filter(isPolicyFile).sort() : [];
  if (files.length === 0)
    problems.push({ file: folder, line: null, path: '', message: 'there are no policies', remedy: 'write one such as dev-test.yml here' });
  return files.flatMap(name => policiesOfFile(join(folder, name), problems));
}

const isPolicyFile = (name: string): boolean => /\.ya?ml$/.test(name) && !name.startsWith('.');

function policiesOfFile(file: string, problems: Problem[]): PlacedPolicy[] {
  const source = readYamlFile(file, 'put it back');
  if (!('value' in source)) {
    problems.push(...source);
    return [];
  }
  const items: readonly [number[], unknown][] = Array.isArray(source.value)
    ? source.value.map((item, i) => [[i], item])
    : [[[], source.value]];
  if (items.length === 0 || source.value === null)
    problems.push({ file, line: 1, path: '', message: 'holds no policy', remedy: 'write one, or delete the file' });
  return (source.value === null ? [] : items).flatMap(([at, item]) => {
    const result = judge(policySchema, item);
    if ('ok' in result) return [{ policy: result.ok, source, at }];
    problems.push(...result.findings.map(finding => problemAt(source, finding, at)));
    return [];
  });
}

/** `value` is absent when there were problems; `names` are the keys as written, so that a typo in one schedule spoils no other policy. */
function loadFile<S extends z.ZodType>(dir: string, stem: string, schema: S, problems: Problem[]): Loaded<z.output<S>> {
  const file = join(dir, `${stem}.yml`);
  const other = join(dir, `${stem}.yaml`);
  if (existsSync(other)) {
    problems.push({ file: other, line: null, path: '', message: 'is not read', remedy: `call it ${stem}.yml` });
    if (!existsSync(file)) return {};
  }
  const source = readYamlFile(file, `copy ${basename(file)} from the config folder that comes with the project`);
  if (!('value' in source)) {
    problems.push(...source);
    return {};
  }
  const result = judge(schema, source.value ?? {});
  const names = source.value !== null && typeof source.value === 'object' ? Object.keys(source.value) : [];
  if ('ok' in result) return { value: result.ok, names, source };
  problems.push(...result.findings.map(finding => problemAt(source, finding)));
  return { names };
}

interface Loaded<T> {
  readonly value?: T;
  readonly names?: readonly string[];
  readonly source?: YamlFile;
}

/** What the calendars of each schedule say, as dates. */
function freeDaysOf(
  { value = {}, source }: Loaded<z.output<typeof schedulesSchema>>,
  dir: string,
  problems: Problem[],
): ReadonlyMap<string, { readonly daysOff: readonly string[] }> {
  const compiled = new Map<string, { daysOff: readonly string[] }>();
  for (const [name, { holidays }] of Object.entries(value)) {
    if (holidays === undefined || source === undefined) continue;
    const { days, findings } = freeDays(holidays, dir);
    problems.push(...findings.map(finding => problemAt(source, { ...finding, path: [name, 'holidays', ...finding.path] })));
    compiled.set(name, { daysOff: days.map(({ date }) => date) });
  }
  return compiled;
}

function repeatedNames(policies: readonly PlacedPolicy[]): Problem[] {
  return policies.flatMap((placed, i) => {
    const before = policies.slice(0, i).find(other => other.policy.name === placed.policy.name);
    if (before === undefined) return [];
    const where = `${before.source.file}:${before.source.lineOf([...before.at, 'name'])}`;
    const message = `${JSON.stringify(placed.policy.name)} is already the name of a policy in ${where}`;
    return [problemAt(placed.source, { path: ['name'], message, remedy: 'choose another name' }, placed.at)];
  });
}

function unknownSchedules(policies: readonly PlacedPolicy[], names: readonly string[] | undefined): Problem[] {
  if (names === undefined) return []; // schedules.yml could not be read: that is the problem to mend first
  return policies.flatMap(({ policy, source, at }) => {
    const asked = [
      ['schedule', policy.kind === 'tags' ? undefined : policy.schedule] as const,
      ['baseline', policy.kind === 'instances' && policy.baseline !== 'always-on' ? policy.baseline : undefined] as const,
    ];
    return asked.flatMap(([field, named]) => {
      if (named === undefined || names.includes(named)) return [];
      const message = `${JSON.stringify(named)} is not a schedule`;
      return [problemAt(source, { path: [field], message, remedy: suggestion(named, names, 'write it in schedules.yml') }, at)];
    });
  });
}

function problemAt(source: YamlFile, finding: Finding, at: readonly number[] = []): Problem {
  const path = [...at, ...finding.path];
  return { file: source.file, line: source.lineOf(path), path: pathText(path), message: finding.message, remedy: finding.remedy };
}

/** `[1].match.tags.environment`; keys that are no plain words stand in quotes. */
function pathText(path: readonly PropertyKey[]): string {
  const steps = path.map(step => {
    if (typeof step === 'number') return `[${step}]`;
    return /^[\w-]+$/.test(String(step)) ? `.${String(step)}` : `[${JSON.stringify(String(step))}]`;
  });
  return steps.join('').replace(/^\./, '');
}

/** Files as they were read, and each from top to bottom. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(p => p.file))];
  return [...problems].sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0));
}
