import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from '@jest/globals';
import { loadConfig } from '../../shared/policy/load.ts';
import { PolicyError } from '../../shared/policy/problems.ts';

export const OURS = resolve(import.meta.dirname, '../../config');
const rooms: string[] = [];
afterAll(() => {
  for (const room of rooms) rmSync(room, { recursive: true });
});

/** A copy of the config that comes with the project, and means to spoil it. */
export function folder() {
  const dir = mkdtempSync(join(tmpdir(), 'ebb-config-'));
  rooms.push(dir);
  cpSync(OURS, dir, { recursive: true });
  const devTest = join(dir, 'policies/dev-test.yml');
  writeFileSync(devTest, readFileSync(devTest, 'utf8').replace(/^idle: learned$/m, 'idle:\n  cpuBelow: 5\n  hours: 24\n  coverage: 0.9'));
  const read = (file: string): string => readFileSync(join(dir, file), 'utf8');
  const write = (file: string, text: string): void => writeFileSync(join(dir, file), text);
  /** The line on which `text` stands. */
  const line = (file: string, text: string): number =>
    read(file)
      .split('\n')
      .findIndex(l => l.includes(text)) + 1;
  /** Replaces the one place where `from` stands. */
  const edit = (file: string, from: string, to: string): void => {
    const parts = read(file).split(from);
    if (parts.length !== 2) throw new Error(`${JSON.stringify(from)} stands ${parts.length - 1} times in ${file}`);
    write(file, parts.join(to));
  };
  return { dir, read, write, line, edit };
}

/** What loadConfig has to say against the folder, without the folder's own path. */
export function troubles(dir: string): string[] {
  try {
    loadConfig(dir);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.message.split('\n').map(line => line.replaceAll(`${dir}/`, ''));
  }
}

export const IDLE = 'kind: instances\nname: idlers\nmatch: { tags: { a: b } }\nidle: { cpuBelow: 5 }\n';
export const INSTANCES = 'kind: instances\nname: extra\nmatch: { tags: { a: b } }\nschedule: office-hours\n';
export const FLEETS = 'kind: fleets\nname: extra\nmatch: { names: [web-*] }\ntarget: { value: 50 }\nminSize: 1\nmaxSize: 4\n';
