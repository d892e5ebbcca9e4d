/** Reads an expression of metric math, and works it out on the way. */
import { type Binary, call, combine, seriesIn } from './math-functions.ts';
import { type MathContext, MathError, type MathValue, type TimeSeries } from './metric-math.ts';

/** @throws MathError naming what is not understood. */
export function evaluate(expression: string, context: MathContext): MathValue {
  const tokens = tokenize(expression);
  const parser = new Parser(tokens, context, expression);
  const value = parser.either();
  parser.end();
  return value;
}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?|\.\d+)|([A-Za-z_]\w*)|(>=|<=|==|!=|&&|\|\||[-+*/(),<>[\]])|('(?:[^'\\]|\\.)*'))/y;

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.trimEnd().length; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(text);
    if (found === null) throw new MathError(`not understood in the expression ${text}: ${text.slice(at, at + 10)}`);
    tokens.push(found[1] ?? found[2] ?? found[3] ?? found[4] ?? '');
  }
  return tokens;
}

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
    if (token === 'SEARCH') return this.#search();
    if (token === 'ANOMALY_DETECTION_BAND') return this.#band();
    return call(token, token === 'FILL' ? this.#fillArguments() : this.#list(')'), this.#context);
  }

  /** `SEARCH('{AWS/EC2,InstanceId} CPUUtilization', 'Average', 300)`; without a period, a minute. */
  #search(): readonly TimeSeries[] {
    const [terms, stat] = [this.#quoted(), this.#after(',') && this.#quoted()];
    const period = this.#peek() === ',' ? Number(this.#after(',') && this.#take()) : 60;
    if (!(period > 0)) this.#refuse();
    return this.#closed(this.#context.search(terms, stat, period), ')') as readonly TimeSeries[];
  }

  /** `ANOMALY_DETECTION_BAND(m1, 3)`; without a number, two deviations. */
  #band(): readonly TimeSeries[] {
    const id = this.#take();
    const deviations = this.#peek() === ',' ? Number(this.#after(',') && this.#take()) : 2;
    if (!/^[A-Za-z_]/.test(id) || !(deviations > 0)) this.#refuse();
    return this.#closed(this.#context.band(id, deviations), ')') as readonly TimeSeries[];
  }

  #quoted(): string {
    const token = this.#take();
    if (!token.startsWith("'")) this.#refuse();
    return token.slice(1, -1).replaceAll("\\'", "'");
  }

  #after(token: string): true {
    if (this.#take() !== token) this.#refuse();
    return true;
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
