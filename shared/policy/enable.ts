/** `mode: plan` → `mode: act`, in the file that a person wrote: no other byte changes. */
import { closeSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isMap, isNode, isScalar, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { loadConfig, loadPolicies, type PlacedPolicy } from './load.ts';
import { PolicyError, type Problem } from './problems.ts';
import { suggestion } from './suggest.ts';

/**
 * Lets the Lambdas act on a policy, from the next deployment on. Doing so twice changes nothing the second time.
 * @returns the file, and the line that now says `mode: act`.
 * @throws PolicyError when the folder is not a good config, when no policy has this name, or when the mode cannot be changed alone.
 */
export function enablePolicy(dir: string, name: string): { readonly file: string; readonly line: number } {
  loadConfig(dir); // a config that would be refused is not one to switch on
  const policies = loadPolicies(dir, []);
  const placed = policies.find(({ policy }) => policy.name === name);
  if (placed === undefined) throw new PolicyError([unknownName(dir, name, policies)]);

  const { file } = placed.source;
  const before = readFileSync(file, 'utf8');
  const [, mark = '', text = ''] = /^(\uFEFF?)(.*)$/s.exec(before) ?? [];
  const after = placed.policy.mode === 'act' ? text : acting(text, placed);
  if (after !== text) replaceFile(file, mark + after);
  return { file, line: lineOfMode(after, placed) };
}

function unknownName(dir: string, name: string, policies: readonly PlacedPolicy[]): Problem {
  const names = policies.map(({ policy }) => policy.name);
  const near = suggestion(name, names, '');
  const all = near.startsWith('there') ? near : `${near} There are ${names.map(n => JSON.stringify(n)).join(', ')}`;
  return { file: join(dir, 'policies'), line: null, path: '', message: `${JSON.stringify(name)} is not a policy`, remedy: all };
}

/** The text with one policy's mode changed. Whatever the YAML looks like, the new text must say exactly that and nothing else. */
function acting(text: string, placed: PlacedPolicy): string {
  const { policy, mode, name } = keysOf(text, placed);
  const edited = mode === null ? inserted(text, policy, name) : replaced(text, mode);
  const result = parseDocument(edited);
  if (result.errors.length === 0 && isDeepStrictEqual(result.toJS(), withMode(parseDocument(text).toJS(), placed))) return edited;
  const { file } = placed.source;
  const line = placed.source.lineOf([...placed.at, mode === null ? 'name' : 'mode']);
  const remedy = 'edit this line by hand, or write it without an anchor first';
  throw new PolicyError([{ file, line, path: 'mode', message: 'cannot be changed without changing something else too', remedy }]);
}

/** On plain values: in the document, an anchor would carry the change to its aliases. */
function withMode(value: unknown, { at: [index] }: PlacedPolicy): unknown {
  if (index === undefined) return { ...(value as object), mode: 'act' };
  return (value as object[]).map((policy, i) => (i === index ? { ...policy, mode: 'act' } : policy));
}

const replaced = (text: string, mode: Pair): string => {
  const [from, to] = rangeOf(mode.value);
  return `${text.slice(0, from)}act${text.slice(to)}`;
};

/** Behind the name: on a line of its own, or behind a comma where the policy is written in braces. */
function inserted(text: string, policy: YAMLMap, name: Pair): string {
  const [, end] = rangeOf(name.value);
  if (policy.flow === true) return `${text.slice(0, end)}, mode: act${text.slice(end)}`;
  const [key] = rangeOf(name.key);
  const indent = ' '.repeat(key - (text.lastIndexOf('\n', key - 1) + 1));
  const lineEnd = /\r?\n/.exec(text.slice(end));
  if (lineEnd === null) return `${text}${text.includes('\r\n') ? '\r\n' : '\n'}${indent}mode: act`;
  const next = end + lineEnd.index + lineEnd[0].length;
  return `${text.slice(0, next)}${indent}mode: act${lineEnd[0]}${text.slice(next)}`;
}

interface PolicyKeys {
  readonly policy: YAMLMap;
  readonly mode: Pair | null;
  readonly name: Pair;
  readonly lines: LineCounter;
}

function keysOf(text: string, { at }: PlacedPolicy): PolicyKeys {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const policy = at.length === 0 ? document.contents : document.getIn(at, true);
  if (!isMap(policy)) throw new Error('a policy that was loaded is not a map');
  const pair = (key: string): Pair | undefined => policy.items.find(item => isScalar(item.key) && item.key.value === key);
  const name = pair('name');
  if (name === undefined) throw new Error('a policy that was loaded has no name');
  return { policy, mode: pair('mode') ?? null, name, lines };
}

function lineOfMode(text: string, placed: PlacedPolicy): number {
  const { mode, name, lines } = keysOf(text, placed);
  return lines.linePos(rangeOf((mode ?? name).key)[0]).line;
}

function rangeOf(node: unknown): readonly [number, number] {
  if (!isNode(node) || node.range == null) throw new Error('a node that was parsed has no place');
  return [node.range[0], node.range[1]];
}

/** Written beside it and moved into place, so that no crash leaves half a policy; a link keeps pointing at its file. */
function replaceFile(path: string, text: string): void {
  const file = realpathSync(path);
  const beside = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  const handle = openSync(beside, 'w', statSync(file).mode);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(beside, file);
}
