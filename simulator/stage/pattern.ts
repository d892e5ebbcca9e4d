/** EventBridge's event patterns: every field named must match; an array in the pattern means any of its members. */

export type Pattern = { readonly [field: string]: Pattern | readonly Matcher[] };

/** A value to be equal to, or a condition. */
export type Matcher = string | number | boolean | null | Readonly<Record<string, unknown>>;

/** @throws Error for a condition that is not implemented, so that a rule is never silently deaf. */
export function patternMatches(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    const value = isObject(event) ? event[field] : undefined;
    if (!Array.isArray(wanted)) return patternMatches(wanted as Pattern, value);
    return wanted.some(matcher => fieldMatches(matcher, value));
  });
}

/** A field that holds an array matches when any of its members does. */
function fieldMatches(matcher: Matcher, value: unknown): boolean {
  if (isObject(matcher) && 'exists' in matcher) return (value !== undefined) === matcher['exists'];
  if (value === undefined) return false;
  return Array.isArray(value) ? value.some(member => matches(matcher, member)) : matches(matcher, value);
}

function matches(matcher: Matcher, value: unknown): boolean {
  if (!isObject(matcher)) return matcher === value;
  const [[kind, operand] = ['nothing', undefined]] = Object.entries(matcher);
  switch (kind) {
    case 'prefix':
      return typeof value === 'string' && value.startsWith(String(operand));
    case 'suffix':
      return typeof value === 'string' && value.endsWith(String(operand));
    case 'equals-ignore-case':
      return typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase();
    case 'anything-but':
      return anythingBut(operand, value);
    default:
      throw new Error(`the virtual EventBridge does not know the condition ${JSON.stringify(matcher)}`);
  }
}

function anythingBut(operand: unknown, value: unknown): boolean {
  if (isObject(operand)) return !matches(operand as Matcher, value);
  return Array.isArray(operand) ? !operand.includes(value) : operand !== value;
}

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value);
