/** CloudTrail's `userIdentity`: who called, and whether that was a person. */
import * as z from 'zod/mini';
import type { Caller, Person } from '../../model/birth.ts';
import { isRecord } from './common.ts';

export const identitySchema = z.object({
  type: z.optional(z.string()),
  arn: z.optional(z.string()),
  userName: z.optional(z.string()),
  accountId: z.optional(z.string()),
  invokedBy: z.optional(z.string()),
  sessionContext: z.optional(z.unknown()),
});

type Identity = z.infer<typeof identitySchema>;

export function callerOf(identity: Identity | null | undefined): Caller {
  const { arn, userName, type, invokedBy } = identity ?? {};
  const service = invokedBy !== undefined && isService(invokedBy) ? invokedBy : null;
  const fromArn = arn?.split(':').slice(5).join(':');
  const name = service ?? (fromArn || userName || type?.toLowerCase() || 'unknown');
  return { name, service, person: identity == null ? null : personIn(identity) };
}

const isService = (invokedBy: string): boolean =>
  (invokedBy.endsWith('.amazonaws.com') || invokedBy === 'AWS Internal') && !CONSOLE.has(invokedBy);

/** The console calls on behalf of the person in front of it. */
const CONSOLE: ReadonlySet<string> = new Set(['signin.amazonaws.com', 'console.amazonaws.com', 'console.ec2.amazonaws.com']);

/** Sessions that are named otherwise belong to programs as often as to people (`botocore-session-1700000000`, `i-0abc`), so nobody is named. */
function personIn({ type, arn, userName, sessionContext }: Identity): Person | null {
  const source = named(isRecord(sessionContext) ? sessionContext['sourceIdentity'] : null);
  if (source !== null) return { who: source, known: 'source-identity' };
  if (type === 'IAMUser') return known(named(userName ?? arn?.split('/').at(-1)), 'iam-user');
  const [kind, role = '', session] = arn?.split(':').slice(5).join(':').split('/') ?? [];
  if (kind === 'federated-user') return known(mailed(role), 'session-name');
  if (kind !== 'assumed-role') return null;
  return role.startsWith(IDENTITY_CENTER) ? known(named(session), 'identity-center') : known(mailed(session), 'session-name');
}

/** Roles that IAM Identity Center keeps are called `AWSReservedSSO_PermissionSet_0123456789abcdef`. */
const IDENTITY_CENTER = 'AWSReservedSSO_';

const known = (who: string | null, how: Person['known']): Person | null => (who === null ? null : { who, known: how });

/** What IAM and STS allow in these names. */
const named = (text: unknown): string | null => (typeof text === 'string' && /^[\w+=,.@-]{1,128}$/.test(text) ? text : null);
const mailed = (text: string | undefined): string | null => (text !== undefined && /^[^@]+@[^@]+\.[^@.]+$/.test(text) ? named(text) : null);
