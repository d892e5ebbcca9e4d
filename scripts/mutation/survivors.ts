/**
 * What survived, each beside the argument for letting it live. Arguments are kept in `survivors.json` under the text of their line, so that they
 * stay with it when lines move; `docs/mutation.md` is written from them and from Stryker's reports.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export interface RoomReport {
  readonly room: string;
  readonly valid: number;
  readonly detected: number;
  readonly survivors: readonly Survivor[];
}

export interface Survivor {
  readonly file: string;
  readonly row: number;
  /** Of the source, trimmed. */
  readonly line: string;
  /** `` `original` → `replacement` ``, shortened. */
  readonly mutant: string;
  /** `null`: nobody has said yet why it may live. */
  readonly why: string | null;
}

/** By file, by line of source, by mutant: why it may live. */
export type Arguments = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

interface StrykerReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

interface Mutant {
  readonly status: string;
  readonly replacement?: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** Counted from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

const DETECTED = ['Killed', 'Timeout'];
const INVALID = ['CompileError', 'RuntimeError', 'Ignored'];

/** `null`: the room has not been run here. */
export function readRoom(room: string, said: Arguments): RoomReport | null {
  const path = `reports/mutation/${room}.json`;
  if (!existsSync(path)) return null;
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as StrykerReport;
  const all = Object.entries(files).flatMap(([file, { source, mutants }]) => mutants.map(mutant => ({ file, source, mutant })));
  const valid = all.filter(({ mutant }) => !INVALID.includes(mutant.status));
  const lived = valid.filter(({ mutant }) => !DETECTED.includes(mutant.status));
  const survivors = lived.toSorted(byPlace).map(({ file, source, mutant }) => {
    const row = mutant.location.start.line;
    const line = (source.split('\n')[row - 1] ?? '').trim();
    const text = `${quoted(textAt(source, mutant.location))} → ${quoted(mutant.replacement ?? '')}`;
    return { file, row, line, mutant: text, why: said[file]?.[line]?.[text] ?? null };
  });
  return { room, valid: valid.length, detected: valid.length - lived.length, survivors };
}

type Found = { readonly file: string; readonly mutant: Mutant };
const byPlace = (a: Found, b: Found): number =>
  a.file === b.file ? a.mutant.location.start.line - b.mutant.location.start.line : a.file < b.file ? -1 : 1;

function textAt(source: string, { start, end }: Mutant['location']): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = lines[last]?.slice(0, end.column - 1) ?? '';
  lines[0] = lines[0]?.slice(start.column - 1) ?? '';
  return lines.join('\n');
}

const SHOWN = 100;
const quoted = (text: string): string => {
  const flat = text.replaceAll(/\s+/g, ' ').replaceAll('`', "'");
  return `\`${flat.length > SHOWN ? `${flat.slice(0, SHOWN)}…` : flat}\``;
};

export const scoreOf = ({ detected, valid }: RoomReport): string => `${((100 * detected) / valid).toFixed(1)} %`;

/** Rewrites the score table and the lists of the rooms that have a report here; the other rooms keep theirs. */
export function writeDoc(path: string, rooms: readonly RoomReport[]): void {
  let doc = readFileSync(path, 'utf8');
  for (const report of rooms) {
    const { room, valid, detected } = report;
    const row = `| \`shared/${room}\` | ${valid.toLocaleString('en')} | ${valid - detected} | ${scoreOf(report)} |`;
    doc = doc.replace(new RegExp(`^\\| \`shared/${room}\` \\|.*$`, 'm'), () => row);
    doc = doc.replace(new RegExp(`^### ${room}\\n[^]*?(?=^### |$(?![^]))`, 'm'), () => `### ${room}\n\n${listOf(report)}\n`);
  }
  writeFileSync(path, `${doc.trimEnd()}\n`);
}

const listOf = ({ survivors }: RoomReport): string =>
  [...Map.groupBy(survivors, s => s.file)].map(([file, all]) => `**\`${file}\`**\n\n${all.map(lineOf).join('\n')}\n`).join('\n');

const lineOf = ({ row, mutant, why }: Survivor): string => `- ${row}: ${mutant}: ${why ?? '**open**: nobody has said yet why it may live'}`;
