/** Queues by URL and by name, with SQS's own words for those that are not there. */
import type { Queue } from '../world/queues.ts';
import { ServiceError } from './errors.ts';
import type { Call } from './operation.ts';

export const badValue = (message: string): ServiceError => new ServiceError('InvalidParameterValue', message);

export const queueAt = ({ region }: Call, url: string | undefined): Queue =>
  [...region.queues.values()].find(q => q.url === url) ?? noQueue();

export const queueNamed = ({ region }: Call, name: string): Queue => region.queues.get(name) ?? noQueue();

function noQueue(): never {
  throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
}
