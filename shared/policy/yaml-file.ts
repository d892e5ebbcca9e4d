/** One YAML file as a value whose every path knows its line. Package time only. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { Problem } from './problems.ts';

export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** Line of the key or list item at `path`; of the nearest one above where the path leads nowhere. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Unreadable, or not YAML, or YAML that says one thing twice: then problems, and no value that could be taken for a config. */
export function readYamlFile(file: string, remedyIfMissing: string): YamlFile | readonly Problem[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const place = { file, line: null, path: '' };
    return code === 'ENOENT'
      ? [{ ...place, message: 'there is no such file', remedy: remedyIfMissing }]
      : [{ ...place, message: `cannot be read (${code ?? message})`, remedy: 'make it a file that you may read' }];
  }
  const line = foreignLine(bytes);
  if (line !== null) return [{ file, line, path: '', message: 'is not UTF-8 text', remedy: 'save the file in that encoding' }];
  return parseYaml(file, bytes.toString('utf8').replace(/^\uFEFF/, '')); // as some editors begin a file
}

/** The first line whose bytes mean nothing in UTF-8: read all the same, it would say what nobody wrote. */
function foreignLine(bytes: Buffer): number | null {
  if (isUtf8(bytes)) return null;
  const NEWLINE = 0x0a; // no byte of a longer character
  for (let from = 0, line = 1; ; line++) {
    const end = bytes.indexOf(NEWLINE, from);
    if (end < 0 || !isUtf8(bytes.subarray(from, end))) return line;
    from = end + 1;
  }
}

function parseYaml(file: string, text: string): YamlFile | readonly Problem[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const line = (offset: number) => Math.max(1, lines.linePos(offset).line);
  const errors = [...document.errors, ...document.warnings].map(error => yamlProblem(file, text, error, line(error.pos[0])));
  if (errors.length > 0) return errors;
  const dangling = danglingAlias(document);
  if (dangling !== null) {
    const message = `*${dangling.source} has no &${dangling.source} above it`;
    return [{ file, line: line(dangling.range?.[0] ?? 0), path: '', message, remedy: 'write the value out' }];
  }
  try {
    return { file, value: document.toJS(), lineOf: path => line(offsetOf(document, path)) };
  } catch (error) {
    if ((error as Error).name !== 'ReferenceError') throw error; // yaml's word for it
    return [{ file, line: null, path: '', message: 'has aliases that multiply without end', remedy: 'write the values out' }];
  }
}

function danglingAlias(document: Document): Alias | null {
  let found: Alias | null = null;
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}

function yamlProblem(file: string, text: string, error: YAMLError, line: number): Problem {
  const place = { file, line, path: '' };
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:]+/.exec(text.slice(error.pos[0]))?.[0] ?? 'a key';
    return { ...place, message: `"${key}" stands here twice`, remedy: 'keep one of them' };
  }
  if (error.code === 'MULTIPLE_DOCS')
    return { ...place, message: 'a second document begins', remedy: 'write one list of policies instead of ---' };
  if (error.code === 'TAB_AS_INDENT') return { ...place, message: 'a tab indents this line', remedy: 'indent with spaces' };
  const what = error.message.split('\n')[0] ?? error.message;
  return { ...place, message: `is not good YAML: ${what}`, remedy: 'mend the indentation, the brackets or the quotes here' };
}

/** Follows the path as far as it leads; a map entry is where its key is, a list item where it begins. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = start(node) ?? 0;
  for (const step of path) {
    const here = isAlias(node) ? node.resolve(document) : node;
    if (isMap(here)) {
      const pair: Pair | undefined = here.items.find(item => String(isScalar(item.key) ? item.key.value : item.key) === String(step));
      if (pair === undefined) break;
      offset = start(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(here)) {
      node = here.items[Number(step)];
      offset = start(node) ?? offset;
    } else break;
  }
  return offset;
}

const start = (node: unknown): number | undefined => (node as Node | null)?.range?.[0];
