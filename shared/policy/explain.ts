/** What zod found, said so that a stranger can mend it: what is wrong, and after the first `; ` what to do. */
import { z } from 'zod';
import { suggestion } from './suggest.ts';

export interface Finding {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly remedy: string;
}

/** The schema's value, or every finding. */
export function judge<S extends z.ZodType>(schema: S, value: unknown): { ok: z.output<S> } | { findings: Finding[] } {
  const result = schema.safeParse(value, { error: explain, reportInput: true });
  return result.success ? { ok: result.data } : { findings: result.error.issues.flatMap(findingsOf) };
}

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

function findingsOf(issue: Issue): Finding[] {
  if (issue.code === 'unrecognized_keys') {
    const allowed = issue.message.split(', ');
    return issue.keys.map(key => ({
      path: [...issue.path, key],
      message: `${JSON.stringify(key)} is not a key here`,
      remedy: suggestion(key, allowed, 'remove it'),
    }));
  }
  const meant = issue.code === 'invalid_union' ? issue.errors.find(isInside) : undefined;
  if (meant !== undefined) return meant.flatMap(inner => findingsOf({ ...inner, path: [...issue.path, ...inner.path] }));
  const text = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const [what = '', ...rest] = text.split('; ');
  const remedy = rest.length > 0 ? rest.join('; ') : 'docs/policies.md lists every field';
  return [{ path: issue.path, message: named(what, issue), remedy }];
}

/** One of several shapes is meant when what is wrong lies in a field of it. */
const isInside = (issues: readonly Issue[]): boolean =>
  issues.length > 0 && issues.every(({ path, code }) => typeof path[0] === 'string' || code === 'unrecognized_keys');

/** A message that begins with a verb is about the value: it needs its subject. */
function named(what: string, issue: Issue): string {
  if (!/^(is|must|has) /.test(what)) return what;
  const subject = issue.code === 'invalid_key' ? issue.path.at(-1) : issue.input;
  const shown = typeof subject === 'string' || typeof subject === 'boolean' || Number.isFinite(subject); // NaN would print as null
  return shown ? `${JSON.stringify(subject)} ${what}` : what;
}

/** Called for everything that the schema has no words of its own for. */
function explain(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys':
      return allowedKeys(issue.inst).join(', ');
    case 'invalid_type':
      return issue.input === undefined ? `is missing; write ${ARTICLES[issue.expected] ?? issue.expected}` : wrongType(issue);
    case 'invalid_value':
      return choice(issue.input, issue.values.map(String));
    case 'invalid_union':
      return choice(discriminatorOf(issue), kindsOf(issue));
    case 'too_small':
      return isList(issue.origin)
        ? 'is empty; write at least one'
        : `is too small; ${bound('at least', 'more than', issue.minimum, issue)}`;
    case 'too_big':
      return isList(issue.origin) ? 'is too long; shorten it' : `is too big; ${bound('at most', 'less than', issue.maximum, issue)}`;
    default:
      return undefined;
  }
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
};

function wrongType(issue: RawIssue & { readonly expected?: unknown }): string {
  const wanted = ARTICLES[String(issue.expected)] ?? String(issue.expected);
  const scalar = issue.input !== null && typeof issue.input !== 'object';
  if (scalar && issue.expected === 'string') return `must be ${wanted}; put it in quotes`;
  if (scalar && issue.expected === 'number') return `must be ${wanted}; write digits, without quotes`;
  if (issue.input === null) return `is left empty; write ${wanted}, or remove the key`;
  return `must be ${wanted}; docs/policies.md has an example`;
}

function choice(input: unknown, choices: readonly string[]): string {
  if (input === undefined) return `is missing; write ${choices.join(' or ')}`;
  const remedy = typeof input === 'string' ? suggestion(input, choices, '') : `write ${choices.join(' or ')}`;
  return `${JSON.stringify(input)} is not a choice here; ${remedy}`;
}

const isList = (origin: unknown): boolean => origin === 'array' || origin === 'string';

const bound = (inclusive: string, exclusive: string, limit: unknown, issue: { readonly inclusive?: boolean | undefined }): string =>
  `write ${issue.inclusive === false ? exclusive : inclusive} ${String(limit)}`;

function allowedKeys(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function discriminatorOf({ inst: schema, input }: RawIssue): unknown {
  if (!(schema instanceof z.ZodDiscriminatedUnion) || input === null || typeof input !== 'object') return input;
  return (input as Record<string, unknown>)[schema.def.discriminator];
}

function kindsOf({ inst: schema }: RawIssue): string[] {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema instanceof z.ZodUnion ? schema.options.flatMap(wordsOf) : [];
  return [...(schema._zod.propValues?.[schema.def.discriminator] ?? [])].map(String);
}

const wordsOf = (option: unknown): string[] => (option instanceof z.ZodLiteral ? [...option.values].map(String) : []);
