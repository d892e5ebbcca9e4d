/** Who made a resource. CloudTrail tells it once, and no look at the resource shows it afterwards. */
import type { Instant } from './time.ts';

export interface Birth {
  readonly at: Instant;
  /** `RunInstances`, `CreateVolume`, … */
  readonly call: string;
  readonly by: Caller;
}

export interface Caller {
  /** For people: `user/anna`, `assumed-role/ci/build-42`, `autoscaling.amazonaws.com`, `root`, or `unknown`. */
  readonly name: string;
  /** The AWS service that called, on its own behalf or somebody's: whoever stands behind it did not make this call. */
  readonly service: string | null;
  /** The person whose credentials were used; `null` where nothing says that it was one. */
  readonly person: Person | null;
}

export interface Person {
  /** An e-mail address or a user name: only letters, digits and `_ + = , . @ -`. */
  readonly who: string;
  /**
   * `source-identity`: set when the first session began, and nobody down the chain of roles can change it. `identity-center`: the session
   * name that IAM Identity Center gives. `iam-user`: its name, which may be that of a machine. `session-name`: an e-mail address as the name
   * of a role's session, which whoever assumes the role chooses unless the role's trust says otherwise.
   */
  readonly known: 'source-identity' | 'identity-center' | 'iam-user' | 'session-name';
}
