/** PutEvents on the default bus. */
import type { PutEventsRequest, PutEventsRequestEntry, PutEventsResponse, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { publish } from '../world/bus.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { type Call, type Operation, writes } from './operation.ts';

export const eventbridge: Readonly<Record<string, Operation>> = { PutEvents: writes(putEvents) };

const ENTRIES_MAX = 10;
const BYTES_MAX = 1_048_576; // of a request

/** Each entry has its own outcome. */
function putEvents({ Entries = [] }: PutEventsRequest, call: Call): PutEventsResponse {
  if (Entries.length < 1 || Entries.length > ENTRIES_MAX)
    throw new ServiceError('ValidationException', `There must be between 1 and ${ENTRIES_MAX} entries; there are ${Entries.length}.`);
  const bytes = Entries.reduce((sum, e) => sum + Buffer.byteLength(`${e.Source}${e.DetailType}${e.Detail}`), 0);
  if (bytes > BYTES_MAX) throw new ServiceError('ValidationException', `Total size of the entries in the request is over the limit.`);
  const results = Entries.map(entry => put(entry, call));
  return { FailedEntryCount: results.filter(r => r.ErrorCode !== undefined).length, Entries: results };
}

function put(
  { Source = '', DetailType = '', Detail, Resources = [], EventBusName }: PutEventsRequestEntry,
  call: Call,
): PutEventsResultEntry {
  if (EventBusName !== undefined && EventBusName !== 'default') throw new NotInVirtualCloud(`eventbridge bus ${EventBusName}`);
  if (Source === '' || DetailType === '' || Detail === undefined)
    return failed('InvalidArgument', 'Source, DetailType and Detail are required.');
  if (Source.startsWith('aws.')) return failed('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = object(Detail);
  if (detail === null) return failed('MalformedDetail', 'Detail is malformed.');
  const { id } = publish(call.world, call.region.name, { source: Source, detailType: DetailType, resources: Resources, detail });
  call.changed.push(id);
  return { EventId: id };
}

const failed = (ErrorCode: string, ErrorMessage: string): PutEventsResultEntry => ({ ErrorCode, ErrorMessage });

function object(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
