/**
 * The words of a CloudWatch expression: which of them are ids of metrics, told apart from functions, numbers and quoted text.
 * Not a parser of metric math, which is CloudWatch's to judge: it finds what a policy can get wrong on its own.
 */

/** Quoted text, numbers, or words. Functions and the operators AND and OR are written in capitals; ids begin in lower case. */
const WORD = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[A-Za-z_]\w*/g;

export const isInsights = (expression: string): boolean => /^\s*SELECT\s/i.test(expression);

export const isSearch = (expression: string): boolean => /\bSEARCH\s*\(/.test(expression);

/** Whether it takes in every metric of the request it stands in, so that it has to be asked in a request of its own. */
export const takesAll = (expression: string): boolean => /\bMETRICS\s*\(/.test(expression);

/** What is wrong and, after `; `, what to do; `null` when nothing is that can be seen from here. */
export function expressionTrouble(expression: string, ids: readonly string[]): string | null {
  if (isInsights(expression)) return ids.length === 0 ? null : 'is a Metrics Insights query, which names its own metrics; remove `metrics`';
  const used = new Set([...expression.matchAll(WORD)].map(([word]) => word).filter(isId));
  const unknown = [...used].find(id => !ids.includes(id));
  if (unknown !== undefined) return `speaks of ${JSON.stringify(unknown)}, which is not among \`metrics\`; add it there`;
  // METRICS() speaks of all of them without naming any.
  const unused = takesAll(expression) ? undefined : ids.find(id => !used.has(id));
  if (unused !== undefined) return `does not speak of ${JSON.stringify(unused)}; use it, or remove it from \`metrics\``;
  if (ids.length === 0 && !isSearch(expression)) return 'speaks of no metric; name one of `metrics` in it';
  return null;
}

/** The expression with every id replaced; quoted text stays as it is. */
export const renamed = (expression: string, rename: (id: string) => string): string =>
  isInsights(expression) ? expression : expression.replace(WORD, word => (isId(word) ? rename(word) : word));

const isId = (word: string): boolean => /^[a-z]/.test(word);
