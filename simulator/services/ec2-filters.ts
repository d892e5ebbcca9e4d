/** EC2's filters: any of the values, all of the filters, `*` and `?` as wildcards. */
import type { Filter } from '@aws-sdk/client-ec2';
import type { Machine } from '../world/machine.ts';
import { NotInVirtualCloud } from './errors.ts';

/** What a filter's name reads from a thing: the texts of which one must match. */
type Reader<T> = (thing: T) => readonly string[];

export const instanceFilters: Readonly<Record<string, Reader<Machine>>> = {
  'instance-id': m => [m.id],
  'instance-state-name': m => [m.state],
  'instance-type': m => [m.type],
  'instance-lifecycle': m => (m.market === 'on-demand' ? [] : ['spot']),
  'availability-zone': m => [m.availabilityZone],
  'root-device-type': m => [m.rootDevice],
  tenancy: m => [m.tenancy],
  'reservation-id': m => [m.reservationId],
  'event.code': m => m.maintenance.map(event => event.code),
  'tag-key': m => [...m.tags.keys()],
  'tag-value': m => [...m.tags.values()],
};

/**
 * The test that all filters together make.
 * @throws NotInVirtualCloud for a filter that nobody has taught the virtual cloud.
 */
export function matches<T extends { readonly tags: ReadonlyMap<string, string> }>(
  readers: Readonly<Record<string, Reader<T>>>,
  filters: readonly Filter[] | undefined,
): (thing: T) => boolean {
  const tests = (filters ?? []).map(({ Name = '', Values = [] }) => {
    const read = Name.startsWith('tag:') ? tagReader(Name.slice('tag:'.length)) : readers[Name];
    if (read === undefined) throw new NotInVirtualCloud(`ec2 filter ${Name}`);
    const patterns = Values.map(pattern);
    return (thing: T) => read(thing).some(text => patterns.some(p => p.test(text)));
  });
  return thing => tests.every(test => test(thing));
}

const tagReader =
  (key: string): Reader<{ readonly tags: ReadonlyMap<string, string> }> =>
  ({ tags }) => {
    const value = tags.get(key);
    return value === undefined ? [] : [value];
  };

function pattern(value: string): RegExp {
  const escaped = value
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 's');
}
