/** How EC2 speaks of pages. */
import { ServiceError } from './errors.ts';

export const badToken = (): Error => new ServiceError('InvalidParameterValue', 'Invalid value for nextToken.');

export function pageSize(asked: number | undefined, from: number, to: number): number {
  if (asked === undefined) return to;
  if (asked >= from && asked <= to) return asked;
  throw new ServiceError(
    'InvalidParameterValue',
    `Value ( ${asked} ) for parameter maxResults is invalid. Expecting a value between ${from} and ${to}.`,
  );
}
