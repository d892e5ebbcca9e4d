/** What has been paid for whatever runs: so many percent of the hours of a family, as the bill of the weeks before would show it. */
export interface Commitment {
  readonly region: string;
  /** `m5` */
  readonly family: string;
  /** Percent of the hours that Reserved Instances cover, and of what they leave that a Savings Plan does. */
  readonly reserved: number;
  readonly savingsPlan: number;
}
