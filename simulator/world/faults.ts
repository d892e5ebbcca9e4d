/** What AWS may do wrong: the next call of an action fails, before or after it took effect. */
import { ServiceError } from '../services/errors.ts';

export interface FaultOptions {
  /** How many calls it meets; 1 unless told otherwise. A retry is a call. */
  readonly times?: number;
  /** The call takes effect, and the caller never hears of it. */
  readonly after?: boolean;
  /** Only calls whose input it accepts. */
  readonly when?: (input: unknown) => boolean;
}

/** As the SDK will see it; `status` is 400 unless told otherwise. A throttle or a 5xx is retried by the SDK. */
export interface FaultError {
  readonly name: string;
  readonly message?: string;
  readonly status?: number;
}

interface Fault {
  readonly action: string;
  readonly error: ServiceError;
  readonly after: boolean;
  readonly when: (input: unknown) => boolean;
  left: number;
}

export class Faults {
  #armed: Fault[] = [];

  /** @param action `ec2:StopInstances`, or `ec2:*`. */
  next(action: string, error: FaultError, { times = 1, after = false, when = () => true }: FaultOptions = {}): void {
    const { name, message = `${name} (a fault of the virtual cloud)`, status = 400 } = error;
    this.#armed.push({ action, error: new ServiceError(name, message, status), after, when, left: times });
  }

  /** From now on everything works again. */
  clear(): void {
    this.#armed = [];
  }

  /** The fault that this call meets, which is thereby used up. */
  take(service: string, operation: string, input: unknown): { readonly error: ServiceError; readonly after: boolean } | null {
    if (this.#armed.length === 0) return null;
    const fault = this.#armed.find(f => (f.action === `${service}:${operation}` || f.action === `${service}:*`) && f.when(input));
    if (fault === undefined) return null;
    fault.left--;
    if (fault.left <= 0) this.#armed = this.#armed.filter(f => f !== fault);
    return fault;
  }
}
