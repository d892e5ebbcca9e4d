/**
 * Patterns of tag values, in RE2's syntax: matched in time linear in the value, whatever somebody writes, where a backtracking engine can be
 * made to hang. The engine is loaded by whoever has policies with patterns, and paid for by nobody else.
 */
import type { RE2JS } from 're2js';
import type { Policy, TagPolicy } from './schema.ts';

type Requirement = TagPolicy['required'][number];

let engine: typeof RE2JS | null = null;
const compiled = new Map<string, RE2JS>();

/** To be awaited before any rule with a pattern is asked. */
export async function loadPatterns(policies: readonly Policy[]): Promise<void> {
  if (policies.some(policy => policy.kind === 'tags' && policy.required.some(tag => tag.pattern !== undefined)))
    engine ??= (await import('re2js')).RE2JS;
}

/** Whether the whole value is as the pattern says. @throws Error when the engine was not loaded, or the pattern is none. */
export function matchesPattern({ pattern, case: letters }: Pick<Requirement, 'pattern' | 'case'>, value: string): boolean {
  if (pattern === undefined) return true;
  if (engine === null) throw new Error(`the pattern ${JSON.stringify(pattern)} is asked before loadPatterns() was awaited`);
  const key = `${letters === 'ignore' ? 'i' : ''}/${pattern}`;
  const known = compiled.get(key) ?? engine.compile(pattern, letters === 'ignore' ? engine.CASE_INSENSITIVE : 0);
  compiled.set(key, known);
  return known.matches(value);
}
