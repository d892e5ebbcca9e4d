/**
 * Reads what Instance Scheduler on AWS keeps and prints, whichever way it came: `describe-schedules` and `describe-periods` of its command
 * line, a scan or export of its DynamoDB table, a CloudFormation template with `Custom::ServiceInstanceSchedule`, or plain JSON and YAML.
 */
import { inspect } from 'node:util';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { parseDocument } from 'yaml';
import { Refusal } from '../exit.ts';

/** Keys in lower case, without underscores and dashes: `Begintime`, `begintime` and `begin_time` are one. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Definitions {
  readonly schedules: readonly Fields[];
  readonly periods: readonly Fields[];
}

/** What stands in a field, as text: what should have been one word may be anything. */
export const said = (value: unknown): string =>
  value !== null && typeof value === 'object' ? inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY }) : String(value);

/** @throws Refusal where nothing of the kind is in it. */
export function readDefinitions(text: string, file: string): Definitions {
  const found = definitionsOf(valuesOf(text, file), file);
  if (found.schedules.length + found.periods.length === 0)
    throw new Refusal(
      `${file} has no schedule and no period of Instance Scheduler; give it the output of scheduler-cli describe-schedules and describe-periods, a scan of its ConfigTable, or its CloudFormation template`,
    );
  return found;
}

/** One JSON or YAML value, or one on each line, as an export to S3 has them. */
function valuesOf(text: string, file: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    const lines = text.split('\n').filter(line => line.trim() !== '');
    if (lines.length > 1 && lines.every(line => line.trim().startsWith('{') && line.trim().endsWith('}'))) {
      try {
        return lines.map(line => JSON.parse(line));
      } catch {
        // no line of JSON after all: then it may be YAML
      }
    }
  }
  const document = parseDocument(text, { logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined)
    throw new Refusal(`${file}:${error.linePos?.[0].line ?? 1} is neither JSON nor YAML: ${error.message.split('\n')[0]}`);
  try {
    return [document.toJS()];
  } catch (cause) {
    throw new Refusal(`${file} cannot be read: ${(cause as Error).message}; write the values out`, { cause });
  }
}

function definitionsOf(values: readonly unknown[], file: string): Definitions {
  try {
    return definitionsIn(values);
  } catch (cause) {
    const why = (cause as Error).message.split('\n')[0];
    throw new Refusal(`${file} has an item of a DynamoDB table that is none (${why}); scan or export the table again`, { cause });
  }
}

function definitionsIn(values: readonly unknown[]): Definitions {
  const schedules: Fields[] = [];
  const periods: Fields[] = [];
  const take = (value: unknown, kind: 'schedule' | 'period' | null, name?: string): void => {
    if (Array.isArray(value)) for (const item of value) take(item, kind);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return;
    const fields = plain(value as Record<string, unknown>);
    const type = kind ?? kindOf(fields);
    if (type === 'schedule') schedules.push(name === undefined ? fields : { name, ...fields });
    else if (type === 'period') periods.push(name === undefined ? fields : { name, ...fields });
    else takeContainer(fields);
  };
  const takeContainer = (fields: Fields): void => {
    for (const [key, value] of Object.entries(fields)) {
      const kind = key === 'schedules' ? 'schedule' : key === 'periods' ? 'period' : null;
      if (kind !== null && isRecord(value)) for (const [name, one] of Object.entries(value)) take(one, kind, name);
      else if (kind !== null || key === 'items' || key === 'item') take(value, kind);
      else if (key === 'resources' && isRecord(value)) for (const [id, resource] of Object.entries(value)) takeResource(id, resource);
    }
  };
  const takeResource = (id: string, resource: unknown): void => {
    if (!isRecord(resource) || resource['Type'] !== 'Custom::ServiceInstanceSchedule' || !isRecord(resource['Properties'])) return;
    schedules.push({ name: id, ...plain(resource['Properties']), template: true });
  };
  for (const value of values) take(value, null);
  return { schedules, periods };
}

const isRecord = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value);

const kindOf = ({ type }: Fields): 'schedule' | 'period' | null => (type === 'schedule' || type === 'period' ? type : null);

function plain(value: Record<string, unknown>): Fields {
  const item = isDynamoItem(value) ? unmarshall(value as Parameters<typeof unmarshall>[0]) : value;
  return Object.fromEntries(
    Object.entries(item).flatMap(([key, v]) => {
      const content = v instanceof Set ? [...v] : v;
      return content === null || content === '' ? [] : [[key.toLowerCase().replaceAll(/[_-]/g, ''), content]];
    }),
  );
}

const DYNAMO_TYPES = ['S', 'N', 'SS', 'NS', 'BOOL', 'L', 'M', 'NULL'];

/** `{"name": {"S": "office"}, …}`. */
function isDynamoItem(value: Record<string, unknown>): boolean {
  const attributes = Object.values(value);
  const isTyped = (attribute: unknown): boolean =>
    isRecord(attribute) && Object.keys(attribute).length === 1 && DYNAMO_TYPES.includes(Object.keys(attribute)[0] ?? '');
  return attributes.length > 0 && attributes.every(isTyped);
}
