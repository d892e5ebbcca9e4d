/**
 * Metric math, as much of it as alarms and dashboards commonly use: `+ - * /`, comparisons, AND OR, and the functions of the table below
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html). A small evaluator of its own: no text is run.
 */

/** Period start → value. */
export type TimeSeries = ReadonlyMap<number, number>;
export type MathValue = number | TimeSeries | readonly TimeSeries[];

export class MathError extends Error {
  override readonly name = 'MathError';
}

export interface MathContext {
  /** The series that an id stands for. @throws MathError where nothing is called so. */
  readonly series: (id: string) => TimeSeries;
  /** Every metric (not: expression) of the request. */
  readonly metrics: () => readonly TimeSeries[];
  /** Period starts of the request's window. */
  readonly times: readonly number[];
}

/** @throws MathError naming what is not understood. */
export function evaluate(expression: string, context: MathContext): MathValue {
  const tokens = tokenize(expression);
  const parser = new Parser(tokens, context, expression);
  const value = parser.either();
  parser.end();
  return value;
}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?|\.\d+)|([A-Za-z_]\w*)|(>=|<=|==|!=|&&|\|\||[-+*/(),<>[\]]))/y;

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.trimEnd().length; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(text);
    if (found === null) throw new MathError(`not understood in the expression ${text}: ${text.slice(at, at + 10)}`);
    tokens.push(found[1] ?? found[2] ?? found[3] ?? '');
  }
  return tokens;
}

type Binary = (a: number, b: number) => number;
const truth = (holds: boolean): number => (holds ? 1 : 0);
const LEVELS: readonly Readonly<Record<string, Binary>>[] = [
  { OR: (a, b) => truth(a !== 0 || b !== 0), '||': (a, b) => truth(a !== 0 || b !== 0) },
  { AND: (a, b) => truth(a !== 0 && b !== 0), '&&': (a, b) => truth(a !== 0 && b !== 0) },
  {
    '>': (a, b) => truth(a > b),
    '<': (a, b) => truth(a < b),
    '>=': (a, b) => truth(a >= b),
    '<=': (a, b) => truth(a <= b),
    '==': (a, b) => truth(a === b),
    '!=': (a, b) => truth(a !== b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b },
];

class Parser {
  readonly #tokens: readonly string[];
  readonly #context: MathContext;
  readonly #text: string;
  #at = 0;

  constructor(tokens: readonly string[], context: MathContext, text: string) {
    this.#tokens = tokens;
    this.#context = context;
    this.#text = text;
  }

  /** An expression, from its loosest operator on. */
  either(level = 0): MathValue {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.either(level + 1);
    for (let operator = operators[this.#peek()]; operator !== undefined; operator = operators[this.#peek()]) {
      this.#at++;
      left = combine(left, this.either(level + 1), operator);
    }
    return left;
  }

  end(): void {
    if (this.#at < this.#tokens.length) this.#refuse();
  }

  #unary(): MathValue {
    const token = this.#take();
    if (token === '-') return combine(0, this.#unary(), (a, b) => a - b);
    if (token === '(') return this.#closed(this.either(), ')');
    if (token === '[') return this.#list(']').flatMap(seriesIn);
    if (/^[.\d]/.test(token)) return Number(token);
    if (!/^[A-Za-z_]/.test(token)) this.#refuse();
    if (this.#peek() !== '(') return this.#context.series(token);
    this.#at++;
    return call(token, token === 'FILL' ? this.#fillArguments() : this.#list(')'), this.#context);
  }

  /** FILL's second argument may be the word REPEAT. */
  #fillArguments(): MathValue[] {
    const filled = this.either();
    if (this.#take() !== ',') this.#refuse();
    if (this.#peek() !== 'REPEAT') return [filled, this.#closed(this.either(), ')')];
    this.#at++;
    return [this.#closed(filled, ')')];
  }

  #list(close: string): MathValue[] {
    const items: MathValue[] = [];
    if (this.#peek() === close) {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(this.either());
      const token = this.#take();
      if (token === close) return items;
      if (token !== ',') this.#refuse();
    }
  }

  #closed(value: MathValue, close: string): MathValue {
    if (this.#take() !== close) this.#refuse();
    return value;
  }

  #peek = (): string => this.#tokens[this.#at] ?? '';
  #take = (): string => this.#tokens[this.#at++] ?? '';

  #refuse(): never {
    throw new MathError(`not understood in the expression ${this.#text}, near its part ${this.#at}`);
  }
}

const isSeries = (value: MathValue): value is TimeSeries => value instanceof Map;
const seriesIn = (value: MathValue): readonly TimeSeries[] => (typeof value === 'number' ? [] : isSeries(value) ? [value] : value);

/** Series meet where both have a value; what is divided by zero has none. */
function combine(a: MathValue, b: MathValue, operator: Binary): MathValue {
  if (typeof a === 'number' && typeof b === 'number') return operator(a, b);
  if (Array.isArray(a)) return a.map(one => combine(one, b, operator) as TimeSeries);
  if (Array.isArray(b)) return b.map(one => combine(a, one, operator) as TimeSeries);
  const times = isSeries(a) ? a.keys() : isSeries(b) ? b.keys() : [];
  const series = new Map<number, number>();
  for (const time of times) {
    const [x, y] = [at(a, time), at(b, time)];
    const value = x === undefined || y === undefined ? Number.NaN : operator(x, y);
    if (Number.isFinite(value)) series.set(time, value);
  }
  return series;
}

const at = (value: MathValue, time: number): number | undefined =>
  typeof value === 'number' ? value : isSeries(value) ? value.get(time) : undefined;

const FOLDS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  AVG: values => values.reduce((sum, value) => sum + value, 0) / values.length,
  SUM: values => values.reduce((sum, value) => sum + value, 0),
  MAX: values => Math.max(...values),
  MIN: values => Math.min(...values),
};
const EACH: Readonly<Record<string, (value: number) => number>> = { ABS: Math.abs, CEIL: Math.ceil, FLOOR: Math.floor };

function call(name: string, given: readonly MathValue[], context: MathContext): MathValue {
  const [first, second, third] = given;
  const fold = FOLDS[name];
  const each = EACH[name];
  if (name === 'METRICS' && first === undefined) return context.metrics();
  if (name === 'IF' && first !== undefined && second !== undefined) return choose(first, second, third, context);
  if (name === 'FILL' && first !== undefined && typeof first !== 'number') return fill(first, second, context);
  if (fold !== undefined && first !== undefined) return reduce(first, fold);
  if (each !== undefined && first !== undefined) return combine(first, 0, a => each(a));
  throw new MathError(`the virtual CloudWatch does not know the function ${name} with ${given.length} arguments`);
}

/** Of one series a number, of several a series: at each time over those that have a value. */
function reduce(value: MathValue, fold: (values: readonly number[]) => number): MathValue {
  if (typeof value === 'number') return value;
  if (isSeries(value)) return fold([...value.values()]);
  const times = [...new Set(value.flatMap(series => [...series.keys()]))].sort((a, b) => a - b);
  return new Map(times.map(time => [time, fold(value.flatMap(series => series.get(time) ?? []))]));
}

/** Where the condition has no value there is none; without a third argument there is none where it does not hold. */
function choose(condition: MathValue, yes: MathValue, no: MathValue | undefined, { times }: MathContext): MathValue {
  const series = new Map<number, number>();
  for (const time of isSeries(condition) ? condition.keys() : times) {
    const holds = at(condition, time);
    if (holds === undefined) continue;
    const value = holds !== 0 ? at(yes, time) : no === undefined ? undefined : at(no, time);
    if (value !== undefined) series.set(time, value);
  }
  return series;
}

/** Holes get a number, another series' values, or without either the value before. */
function fill(value: TimeSeries | readonly TimeSeries[], filler: MathValue | undefined, context: MathContext): MathValue {
  if (!isSeries(value)) return value.map(series => fill(series, filler, context) as TimeSeries);
  const filled = new Map<number, number>();
  let before: number | undefined;
  for (const time of context.times) {
    before = value.get(time) ?? (filler === undefined ? before : at(filler, time));
    if (before !== undefined) filled.set(time, before);
    if (filler !== undefined) before = undefined;
  }
  return filled;
}
