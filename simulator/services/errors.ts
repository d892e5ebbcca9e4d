/** Errors as AWS's services answer them; the front gives them the shape that the SDK's deserialiser would. */

export class ServiceError extends Error {
  override readonly name: string;
  readonly status: number;

  /** @param name the name that the SDK reports: the exception's where it is modelled, else the wire's error code. */
  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** A call that the virtual cloud does not know: a gap in the simulator, never an answer of AWS. */
export class NotInVirtualCloud extends Error {
  override readonly name = 'NotInVirtualCloud';
}
