/**
 * SEARCH: metrics by what their names are made of. Words meet parts of names, quoted ones whole names; `Namespace=`, `MetricName=` and names
 * of dimensions narrow a word down; AND, OR, NOT and brackets join them, and what stands side by side must all hold
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html).
 */
import { MathError } from './metric-math.ts';
import type { MetricName } from './metric-source.ts';
import { metricsOf } from './metrics.ts';
import type { Region } from './world.ts';

export interface Found {
  readonly metric: MetricName;
  /** What tells it from the others that were found. */
  readonly label: string;
}

/** As many as CloudWatch returns. */
const FOUND_MAX = 500;

/** @throws MathError for terms that are not understood. */
export function search(region: Region, text: string): Found[] {
  const [, schema, terms = ''] = /^\s*(?:\{([^}]*)\})?\s*(.*)$/s.exec(text) ?? [];
  const names = schema === undefined ? null : schema.split(',').map(name => unquoted(name.trim()));
  const holds = termsOf(terms, text);
  const found = metricsOf(region)
    .filter(metric => (names === null || hasSchema(metric, names)) && holds(metric))
    .slice(0, FOUND_MAX);
  return found.map(metric => ({ metric, label: labelOf(metric, found) }));
}

/** The namespace, and these dimensions and no others. */
export const hasSchema = ({ namespace, dimensions }: MetricName, [first, ...names]: readonly string[]): boolean =>
  namespace === first && dimensions.length === names.length && dimensions.every(d => names.includes(d.Name));

type Holds = (metric: MetricName) => boolean;

function termsOf(terms: string, text: string): Holds {
  const tokens = terms.match(/[()]|(?:[:\w.]+=)?(?:"[^"]*"|[^\s()"]+)/g) ?? [];
  let at = 0;
  const refuse = (): never => {
    throw new MathError(`not understood in the search ${text}, near its part ${at}`);
  };
  const either = (): Holds => {
    let left = all();
    while (tokens[at] === 'OR') {
      at++;
      const [a, b] = [left, all()];
      left = metric => a(metric) || b(metric);
    }
    return left;
  };
  const all = (): Holds => {
    let left = one();
    while (at < tokens.length && tokens[at] !== 'OR' && tokens[at] !== ')') {
      if (tokens[at] === 'AND') at++;
      const [a, b] = [left, one()];
      left = metric => a(metric) && b(metric);
    }
    return left;
  };
  const one = (): Holds => {
    const token = tokens[at++] ?? refuse();
    if (token === 'NOT') {
      const inner = one();
      return metric => !inner(metric);
    }
    if (token !== '(') return token === ')' || token === 'AND' || token === 'OR' ? refuse() : term(token);
    const inner = either();
    if (tokens[at++] !== ')') refuse();
    return inner;
  };
  if (tokens.length === 0) return () => true;
  const holds = either();
  if (at < tokens.length) refuse();
  return holds;
}

function term(token: string): Holds {
  const [, key, value = ''] = /^(?:([:\w.]+)=)?(.*)$/s.exec(token) ?? [];
  const whole = value.startsWith('"');
  const wanted = unquoted(value);
  const meets = (name: string) =>
    whole ? name.toLowerCase() === wanted.toLowerCase() : partsOf(wanted).every(part => partsOf(name).includes(part));
  return metric => namesIn(metric, key).some(meets);
}

/** Where a word may be met. */
function namesIn({ namespace, name, dimensions }: MetricName, key: string | undefined): string[] {
  if (key === undefined) return [namespace, name, ...dimensions.flatMap(d => [d.Name, d.Value])];
  if (key.toLowerCase() === 'namespace') return [namespace];
  if (key.toLowerCase() === 'metricname') return [name];
  return dimensions.flatMap(d => (d.Name === key ? [d.Value] : []));
}

/** `CPUUtilization` → itself, `cpu`, `utilization`; `my-web.asg` → itself, `my`, `web`, `asg`. */
function partsOf(name: string): string[] {
  const words = name.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/).filter(word => word !== '');
  return [name, ...words].map(word => word.toLowerCase());
}

function labelOf({ name, dimensions }: MetricName, found: readonly MetricName[]): string {
  const values = dimensions.map(d => d.Value);
  const several = found.some(other => other.name !== name);
  return [...values, ...(several || values.length === 0 ? [name] : [])].join(' ');
}

const unquoted = (text: string): string => text.replace(/^"(.*)"$/s, '$1');
