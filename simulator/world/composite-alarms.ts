/** Composite alarms: a rule over the states of other alarms, judged whenever one of those changes. */
import type { AlarmState } from './alarms.ts';

export type RuleStates = (alarm: string) => AlarmState | undefined;

/** `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(c))`; alarms by name or ARN. */
export type Rule = (states: RuleStates) => boolean;

/** @throws Error naming what is not understood. */
export function parseRule(text: string): { readonly rule: Rule; readonly alarms: readonly string[] } {
  const tokens = text.match(/"[^"]*"|[()]|[^\s()"]+/g) ?? [];
  const alarms: string[] = [];
  let at = 0;
  const refuse = (): never => {
    throw new Error(`not understood in the alarm rule ${text}, near its part ${at}`);
  };
  const expect = (token: string) => (tokens[at++] === token ? undefined : refuse());
  const or = (): Rule => {
    let left = and();
    while (tokens[at] === 'OR') {
      at++;
      const [a, b] = [left, and()];
      left = states => a(states) || b(states);
    }
    return left;
  };
  const and = (): Rule => {
    let left = not();
    while (tokens[at] === 'AND') {
      at++;
      const [a, b] = [left, not()];
      left = states => a(states) && b(states);
    }
    return left;
  };
  const not = (): Rule => {
    if (tokens[at] !== 'NOT') return atom();
    at++;
    const inner = not();
    return states => !inner(states);
  };
  const atom = (): Rule => {
    const token = tokens[at++];
    if (token === 'TRUE' || token === 'FALSE') return () => token === 'TRUE';
    if (token === '(') {
      const inner = or();
      expect(')');
      return inner;
    }
    if (token !== 'ALARM' && token !== 'OK' && token !== 'INSUFFICIENT_DATA') return refuse();
    expect('(');
    const name = (tokens[at++] ?? refuse()).replace(/^"(.*)"$/, '$1').replace(/^arn:aws:cloudwatch:.*:alarm:/, '');
    expect(')');
    alarms.push(name);
    return states => states(name) === token;
  };
  const rule = or();
  if (at < tokens.length) refuse();
  return { rule, alarms };
}
