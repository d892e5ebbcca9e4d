/** What one field of a policy of tags says against another. */
import { RE2JS } from 're2js';
import { caseOf } from '../tag-spelling.ts';
import { keyTrouble, valueTrouble } from '../tag-words.ts';

interface Requirement {
  readonly key: string;
  readonly values?: readonly string[] | undefined;
  readonly pattern?: string | undefined;
  readonly case?: 'exact' | 'ignore' | 'lower' | 'upper' | undefined;
  readonly default?: string | undefined;
}

interface Written {
  readonly match: { readonly resources: readonly string[] };
  readonly required: readonly Requirement[];
  readonly normalise?: Spellings | undefined;
  readonly inherit?: readonly string[] | undefined;
  readonly escalate?: 'stop' | undefined;
}

interface Spellings {
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly values: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface Doubt {
  readonly path: readonly (string | number)[];
  /** What is wrong and, after `; `, what to do about it. */
  readonly message: string;
}

export function* tagDoubts({ match, required, normalise, inherit, escalate }: Written): Generator<Doubt> {
  for (const [i, tag] of required.entries()) yield* ofRequirement(tag, ['required', i]);
  if (normalise !== undefined) {
    yield* ofKeys(normalise, required);
    yield* ofValues(normalise, required);
  }
  if (inherit !== undefined && !match.resources.some(kind => kind === 'volume' || kind === 'snapshot'))
    yield { path: ['inherit'], message: 'has nobody to inherit; name volume or snapshot in match.resources, or remove it' };
  if (escalate !== undefined && !match.resources.includes('instance'))
    yield { path: ['escalate'], message: 'stops instances, of which this policy does not speak; name instance in match.resources' };
}

function* ofRequirement(tag: Requirement, path: Doubt['path']): Generator<Doubt> {
  for (const [i, value] of (tag.values ?? []).entries()) {
    if (value === '') yield { path: [...path, 'values', i], message: 'is empty, which counts as missing; remove it' };
    else if (!fits(tag, value)) yield { path: [...path, 'values', i], message: 'is not as the pattern says; change one of the two' };
  }
  const crooked = (tag.values ?? []).findIndex(value => caseOf(tag, value) !== value);
  if (crooked !== -1) yield { path: [...path, 'values', crooked], message: `is not in ${tag.case} case; write it so, or change \`case\`` };
  const { default: standard } = tag;
  if (standard === undefined) return;
  if (standard === '') yield { path: [...path, 'default'], message: 'is empty, which counts as missing; write a value' };
  else if (!(tag.values?.includes(standard) ?? true))
    yield { path: [...path, 'default'], message: 'is not among the allowed values; add it to `values` or choose one of them' };
  else if (caseOf(tag, standard) !== standard)
    yield { path: [...path, 'default'], message: `is not in ${tag.case} case; write it so, or change \`case\`` };
  else if (!fits(tag, standard)) yield { path: [...path, 'default'], message: 'is not as the pattern says; change one of the two' };
}

/** A pattern that is none has been said already. */
function fits({ pattern, case: letters }: Requirement, value: string): boolean {
  if (pattern === undefined) return true;
  try {
    return RE2JS.compile(pattern, letters === 'ignore' ? RE2JS.CASE_INSENSITIVE : 0).matches(value);
  } catch {
    return true;
  }
}

function* ofKeys({ keys }: Spellings, required: readonly Requirement[]): Generator<Doubt> {
  const taken = new Map<string, string>();
  for (const [key, others] of Object.entries(keys)) {
    const trouble = keyTrouble(key);
    if (trouble !== null) yield { path: ['normalise', 'keys', key], message: trouble };
    for (const [i, other] of others.entries()) {
      const path = ['normalise', 'keys', key, i];
      const alien = /^(aws|elasticbeanstalk|ebb):/i.test(other);
      if (alien) yield { path, message: `${JSON.stringify(other)} is not a key to rename; remove it` };
      else if (Object.hasOwn(keys, other))
        yield { path, message: `${JSON.stringify(other)} is a right spelling itself; remove it on one side` };
      else if (required.some(tag => tag.key === other))
        yield { path, message: `${JSON.stringify(other)} is required as it is; remove it here or under required` };
      else if (taken.has(other)) yield { path, message: `${JSON.stringify(other)} stands for ${taken.get(other)} already; remove one` };
      taken.set(other, key);
    }
  }
}

function* ofValues({ values }: Spellings, required: readonly Requirement[]): Generator<Doubt> {
  for (const [key, spellings] of Object.entries(values)) {
    const asked = required.filter(tag => tag.key === key);
    const taken = new Map<string, string>();
    for (const [to, others] of Object.entries(spellings)) {
      const path = ['normalise', 'values', key, to];
      const trouble = to === '' ? 'is empty; write a value' : valueTrouble(to);
      if (trouble !== null) yield { path, message: trouble };
      else if (asked.some(tag => caseOf(tag, to) !== to))
        yield { path, message: 'would be rewritten again by `case`; write it as that says' };
      else if (asked.length > 0 && !asked.some(tag => (tag.values?.includes(to) ?? true) && fits(tag, to)))
        yield { path, message: 'is not an allowed value of its key; add it to `values` or choose one of them' };
      for (const [i, other] of others.entries()) {
        if (Object.hasOwn(spellings, other))
          yield { path: [...path, i], message: `${JSON.stringify(other)} is a right spelling itself; remove it on one side` };
        else if (taken.has(other))
          yield { path: [...path, i], message: `${JSON.stringify(other)} stands for ${taken.get(other)} already; remove one` };
        taken.set(other, to);
      }
    }
  }
}
