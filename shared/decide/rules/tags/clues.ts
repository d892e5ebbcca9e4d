/** Where the values of missing tags are looked for: gathered once for a look, and read only for those that lack something. */
import type { Tagged } from '../../../model/observation.ts';
import type { TagOffer } from '../../../model/offer.ts';
import { policiesOf } from '../../../policy/match.ts';
import type { Policy, TagPolicy } from '../../../policy/schema.ts';
import { requirementsOf } from '../../../policy/tag-rules.ts';
import { readOwner } from '../../../policy/tags.ts';
import type { TagFacts } from '../../decide-tags.ts';
import { type Clues, type GivenOffer, isGiven, makerOf, offersFor } from './offers.ts';
import { siblingsAmong } from './siblings.ts';

export interface Offering {
  /** Everything that may be offered for these keys, the best first. */
  offers(resource: Tagged, policy: TagPolicy, keys: readonly string[]): TagOffer[];
  /** … and of that what the policy has written without asking. */
  given(resource: Tagged, policy: TagPolicy, keys: readonly string[]): GivenOffer[];
  /** Whom it concerns: its owner, or whoever made it where its tags name nobody; `null`: nobody is known. */
  concerned(resource: Tagged): string | null;
}

export function offering({ resources, sources, births, network }: ClueFacts, policies: readonly Policy[]): Offering {
  const keys = policiesOf(policies, 'tags').flatMap(policy => policy.required.map(({ key }) => key));
  const siblings = siblingsAmong(resources, keys);
  let known: ReadonlyMap<string, Tagged> | null = null;
  const byId = (id: string) => {
    known ??= new Map(resources.map(resource => [resource.ref.id, resource]));
    return known.get(id) ?? sources.get(id) ?? null;
  };
  const cluesOf = ({ source, subnet }: Tagged): Clues => ({
    births,
    siblings,
    source: source === null ? null : byId(source),
    network: subnet === null ? [] : (network.get(subnet) ?? []),
  });
  const offers: Offering['offers'] = (resource, policy, wanted) => offersFor(resource, wanted, policy, cluesOf(resource));
  return {
    offers,
    concerned: resource => readOwner(resource.tags) ?? makerOf(resource, cluesOf(resource)),
    given: (resource, policy, wanted) => {
      const asking = requirementsOf(policy, resource.ref, resource.tags).filter(
        ({ key, from }) => from !== undefined && wanted.includes(key),
      );
      const found = offers(
        resource,
        policy,
        asking.map(({ key }) => key),
      );
      return found.filter((offer): offer is GivenOffer => isGiven(offer, asking));
    },
  };
}

export type ClueFacts = Pick<TagFacts, 'resources' | 'sources' | 'births' | 'network'>;
