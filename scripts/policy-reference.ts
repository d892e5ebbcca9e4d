/**
 * What the schema knows, for people and editors: the tables of docs/policies.md and config/policy.schema.json.
 * Run it after a change to shared/policy/schema: `node scripts/policy-reference.ts`. A test fails while either is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { POLICY_KINDS, policySchema, schedulesSchema, scopesSchema, slackSchema } from '../shared/policy/schema.ts';

const DOCS = new URL('../docs/policies.md', import.meta.url);
const EDITOR_SCHEMA = new URL('../config/policy.schema.json', import.meta.url);

type JsonSchema = z.core.JSONSchema.JSONSchema;
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...POLICY_KINDS,
  schedules: schedulesSchema,
  scopes: scopesSchema,
  slack: slackSchema,
};

/** The page with each table between `<!-- fields: NAME -->` and `<!-- end -->` made anew. */
export function withFieldTables(page: string): string {
  return page.replace(/(<!-- fields: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_all, open: string, name: string, close: string) => {
    const schema = SCHEMAS[name];
    if (schema === undefined) throw new Error(`no schema is called ${name}: there are ${Object.keys(SCHEMAS).join(', ')}`);
    return `${open}${fieldTable(schema)}${close}`;
  });
}

/** For editors that know JSON Schema: a policy file is one policy or a list of them. */
export function editorSchema(): string {
  const { $schema, ...policy } = inputSchema(policySchema);
  const file = { $schema, anyOf: [{ $ref: '#/$defs/policy' }, { type: 'array', items: { $ref: '#/$defs/policy' } }], $defs: { policy } };
  return `${JSON.stringify(file, null, 2)}\n`;
}

export interface Field {
  readonly path: string;
  readonly type: string;
  readonly standard: string;
  readonly meaning: string;
}

/** Every field that may be written, at any depth: `match.tags`, `required[].key`, `NAME.periods[].begin`. */
export const fieldsOf = (schema: z.ZodType): Field[] => walk(inputSchema(schema), '', []);

function fieldTable(schema: z.ZodType): string {
  const rows = fieldsOf(schema).map(f => `| \`${f.path}\` | ${f.type} | ${f.standard} | ${f.meaning} |`);
  return `| field | may be | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function inputSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum; // zod's words for "a whole number"
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
}

function walk(schema: JsonSchema, prefix: string, fields: Field[]): Field[] {
  const required = new Set(schema.required ?? []);
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    const field = asSchema(value);
    const path = prefix === '' ? key : `${prefix}.${key}`;
    fields.push({ path, type: typeText(field), standard: defaultText(field, required.has(key)), meaning: field.description ?? '' });
    walk(field, path, fields);
    const items = asSchema(Array.isArray(field.items) ? field.items[0] : field.items);
    if (items.properties !== undefined) walk(items, `${path}[]`, fields);
    for (const kind of kindsOf(items)) walk(kind, `${path}[${kindOf(kind)}]`, fields);
  }
  const named = asSchema(schema.additionalProperties);
  if (schema.properties === undefined && named.properties !== undefined) walk(named, prefix === '' ? 'NAME' : `${prefix}.ID`, fields);
  return fields;
}

/** The sorts of a thing that says by its `kind` which of them it is: `signals[queue].perInstance`. */
const kindsOf = ({ oneOf, anyOf }: JsonSchema): JsonSchema[] =>
  (oneOf ?? anyOf ?? []).map(asSchema).filter(option => kindOf(option) !== 'undefined');
const kindOf = (option: JsonSchema): string => String(asSchema(option.properties?.['kind']).const);

const asSchema = (schema: unknown): JsonSchema => (schema !== null && typeof schema === 'object' ? (schema as JsonSchema) : {});

function typeText(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map(value => `\`${String(value)}\``).join(' or ');
  const either = schema.anyOf?.map(option => typeText(asSchema(option)));
  if (either !== undefined) return [...new Set(either)].join(' or ');
  switch (schema.type) {
    case 'array': {
      const items = asSchema(Array.isArray(schema.items) ? schema.items[0] : schema.items);
      return `list of ${kindsOf(items).length > 0 ? 'maps' : plural(typeText(items))}`;
    }
    case 'object':
      return schema.properties === undefined ? `map of ${typeText(asSchema(schema.additionalProperties))}` : 'map';
    case 'number':
      return `number${boundsText(schema)}`;
    case 'integer':
      return `whole number${boundsText(schema)}`;
    case 'boolean':
      return 'true or false';
    default:
      return 'text';
  }
}

const plural = (type: string): string => (type === 'text' || type === 'map' ? `${type}s` : type);

function boundsText({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const low = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`;
  if (low === undefined) return maximum === undefined ? '' : `, at most ${maximum}`;
  if (maximum === undefined) return `, ${typeof low === 'number' ? `at least ${low}` : low}`;
  return typeof low === 'number' ? `, ${low} to ${maximum}` : `, ${low}, at most ${maximum}`;
}

function defaultText({ default: standard }: JsonSchema, required: boolean): string {
  if (required) return '**required**';
  if (standard === undefined) return 'none';
  return typeof standard === 'object' && standard !== null && Object.keys(standard).length === 0
    ? 'see its fields'
    : `\`${JSON.stringify(standard)}\``;
}

if (import.meta.main) {
  writeFileSync(DOCS, withFieldTables(readFileSync(DOCS, 'utf8')));
  writeFileSync(EDITOR_SCHEMA, editorSchema());
}
