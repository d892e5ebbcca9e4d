/** What a world answered, question by question, and which operations it was asked to learn that. */
import type { Clients } from '../../shared/runtime/clients.ts';
import type { Note } from './note.ts';
import { READ, shapesAt } from './shapes.ts';

export interface Answer {
  /** Plain JSON, equal where two worlds agree. */
  readonly answer: unknown;
  /** Sent since the question before, or together with it. */
  readonly operations: readonly string[];
}

export type Answers = ReadonlyMap<string, Answer>;

export interface Listener {
  readonly note: Note;
  /** All that was noted, and of what kind each field was that the house reads. */
  answers(): Answers;
}

/** Listens to every client that the contract asks through. */
export async function listenTo(clients: Clients): Promise<Listener> {
  const answers = new Map<string, Answer>();
  const shapes = new Map<string, Set<string>>();
  let sent = new Set<string>();
  let noted = true;
  const heard = (operation: string, output: object) => {
    if (noted) sent = new Set();
    noted = false;
    sent.add(operation);
    for (const path of READ[operation] ?? []) {
      const key = `${operation} ${path}`;
      shapes.set(key, (shapes.get(key) ?? new Set()).union(new Set(shapesAt(output, path))));
    }
  };
  for (const client of await Promise.all([clients.ec2(), clients.autoScaling(), clients.cloudWatch(), clients.sqs(), clients.ssm()]))
    overhear(client, heard);
  for (const client of await Promise.all([clients.s3(), clients.sns(), clients.sts(), clients.elasticBeanstalk()])) overhear(client, heard);
  return {
    note: (question, answer) => {
      if (answers.has(question)) throw new Error(`asked twice: ${question}`);
      noted = true;
      answers.set(question, { answer: answer ?? null, operations: [...sent] });
    },
    answers: () => {
      const kinds = [...shapes].map(
        ([path, seen]) => [`shape: ${path}`, { answer: [...seen].toSorted().join(' | '), operations: [path.split(' ')[0] ?? ''] }] as const,
      );
      return new Map([...answers, ...kinds]);
    },
  };
}

/** A refused call was asked as well. */
function overhear(client: { readonly middlewareStack: unknown }, heard: (operation: string, output: object) => void): void {
  // biome-ignore lint/suspicious/noExplicitAny: the clients' stacks differ in type only
  (client.middlewareStack as any).add(
    (next: (args: object) => Promise<{ output: object }>, context: { commandName?: string }) => async (args: object) => {
      const operation = (context.commandName ?? '').replace(/Command$/, '');
      try {
        const result = await next(args);
        heard(operation, result.output);
        return result;
      } catch (error) {
        heard(operation, {});
        throw error;
      }
    },
    { step: 'initialize', name: 'overhear' },
  );
}

export interface Difference {
  readonly line: string;
  readonly operations: readonly string[];
}

/** One for each leaf in which the answers differ. */
export function differences(theirs: Answers, ours: Answers): Difference[] {
  return [...new Set([...theirs.keys(), ...ours.keys()])].flatMap(question => {
    const [a, b] = [theirs.get(question), ours.get(question)];
    const operations = [...(a?.operations ?? []), ...(b?.operations ?? [])];
    return differing(question, a?.answer, b?.answer).map(line => ({ line, operations }));
  });
}

function differing(question: string, theirs: unknown, ours: unknown): string[] {
  if (isTree(theirs) && isTree(ours)) {
    const keys = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
    return keys.flatMap(key => differing(`${question} › ${key}`, theirs[key], ours[key]));
  }
  const [a, b] = [JSON.stringify(theirs), JSON.stringify(ours)];
  return a === b ? [] : [`${question}: moto ${a}, virtual ${b}`];
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
