/** The pause is a text that anybody may write: whatever `ebb pause` takes stops every pen, and so does everything that is not plainly a no. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../../cli/exit.ts';
import { pauseReason } from '../../cli/pausing.ts';
import { readPause } from '../../shared/execute/pause.ts';
import { answering, awsError } from '../support/answering.ts';

const read = (answer: () => object) => readPause(answering(answer).clients, '/ebbtide/dev/pause');
const holding = (Value: string) => read(() => ({ Parameter: { Value } }));

const text = fc.oneof(
  fc.constantFrom(
    'no',
    ' no\n',
    'n\u200bo',
    'No',
    '',
    ' ',
    '\u202e',
    'freeze {{until}} Friday',
    'x'.repeat(5_000),
    'audit\r\nPAUSED: no',
    '\u001b[31m',
  ),
  fc.string(),
  fc.string({ unit: 'binary' }),
);

test('a reason that is taken is read back by every pen, as one harmless line that SSM keeps; any other is refused', async () => {
  await fc.assert(
    fc.asyncProperty(text, async written => {
      let reason: string;
      try {
        reason = pauseReason(written);
      } catch (error) {
        expect([error instanceof Refusal, (error as Error).message]).toEqual([true, expect.stringMatching(/^--reason: ./)]);
        return;
      }
      expect(reason).toMatch(/^[^\p{Cc}\p{Cf}]{1,1000}$/u);
      expect(reason).not.toContain('{{'); // SSM takes it for another parameter's name, and the whole for none
      expect(await holding(reason)).toEqual({ kind: 'paused', why: `paused: ${reason}` });
    }),
    { numRuns: 100 },
  );
});

test('whatever stands in the parameter pauses, but nothing and a no; and so does not knowing what stands there', async () => {
  await fc.assert(
    fc.asyncProperty(text, async value => {
      const running = ['', 'no'].includes(value.trim());
      expect(await holding(value)).toEqual(running ? { kind: 'running', why: null } : { kind: 'paused', why: `paused: ${value.trim()}` });
    }),
    { numRuns: 100 },
  );
  const names = fc.oneof(fc.constantFrom('AccessDeniedException', 'InternalServerError', 'ThrottlingException'), fc.string());
  await fc.assert(
    fc.asyncProperty(names, async name => {
      const failing = read(() => {
        throw awsError(name);
      });
      expect((await failing).kind).toBe(name === 'ParameterNotFound' ? 'running' : 'paused');
    }),
    { numRuns: 30, examples: [['ParameterNotFound']] },
  );
});
