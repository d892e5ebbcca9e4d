/**
 * What a missing tag may well be: who made the resource, what it hangs on, the network it stands in, and what others like it carry. Every
 * value fits the policy, or it is not offered. Nothing is written here.
 */
import type { Birth, Person } from '../../../model/birth.ts';
import type { Tags } from '../../../model/ids.ts';
import type { Tagged } from '../../../model/observation.ts';
import type { Confidence, OfferReason, TagOffer } from '../../../model/offer.ts';
import { MINUTE, secondsBetween } from '../../../model/time.ts';
import type { TagPolicy } from '../../../policy/schema.ts';
import { isAllowed, type Requirement, requirementsOf, spelt, worn } from '../../../policy/tag-rules.ts';
import { isWritable } from '../../../policy/tag-words.ts';
import type { Siblings } from './siblings.ts';

export interface Clues {
  /** By resource, as the event named it. */
  readonly births: ReadonlyMap<string, Birth>;
  readonly siblings: Siblings;
  /** A volume's instance, a snapshot's volume. */
  readonly source: Pick<Tagged, 'ref' | 'tags'> | null;
  /** Its subnet and its VPC, in this order, as far as they were read. */
  readonly network: readonly { readonly id: string; readonly tags: Tags }[];
}

/** The best first, and each value of a key once. @param missing keys that the policy asks for and the resource lacks. */
export function offersFor(resource: Tagged, missing: readonly string[], policy: TagPolicy, clues: Clues): TagOffer[] {
  const requirements = requirementsOf(policy, resource.ref, resource.tags).filter(({ key }) => missing.includes(key));
  return requirements.flatMap(requirement => {
    const all = candidates(resource, requirement, clues).flatMap(({ values, because }) => {
      const value = values.map(text => spelt(policy, requirement.key, requirement, text)).find(text => fits(resource, requirement, text));
      return value === undefined ? [] : [{ key: requirement.key, value, because, confidence: confidenceIn(because) }];
    });
    const ranked = all.toSorted((a, b) => RANKS[a.confidence] - RANKS[b.confidence]);
    return ranked.filter((offer, i) => ranked.findIndex(other => other.value === offer.value) === i);
  });
}

export type GivenOffer = TagOffer & { readonly because: Extract<OfferReason, { code: 'creator' | 'network' }> };

/** Whether the policy has said yes beforehand: to this source, and for a creator only where nobody could have said otherwise. */
export function isGiven(offer: TagOffer, requirements: readonly Requirement[]): offer is GivenOffer {
  const { key, because } = offer;
  const { from = [] } = requirements.find(r => r.key === key) ?? {};
  if (because.code === 'creator') return from.includes('creator') && because.through === null && because.known !== 'session-name';
  return because.code === 'network' && from.includes('network');
}

const RANKS: Readonly<Record<Confidence, number>> = { certain: 0, likely: 1, guess: 2 };

/** Of several values of a key the best alone: what one button can stand for. */
export const bestOf = (offers: readonly TagOffer[]): TagOffer[] =>
  offers.filter((offer, i) => offers.findIndex(other => other.key === offer.key) === i);

interface Candidate {
  /** The first that fits is meant. */
  readonly values: readonly string[];
  readonly because: OfferReason;
}

function candidates(resource: Tagged, { key, from = [] }: Requirement, { births, siblings, source, network }: Clues): Candidate[] {
  const found: Candidate[] = [];
  const creator = creatorOf(resource, births, source);
  if (creator !== null && (from.includes('creator') || namesAPerson(key))) found.push(creator);
  if (source !== null && worn(source.tags, key) !== '')
    found.push({ values: [worn(source.tags, key)], because: { code: 'source', id: source.ref.id } });
  for (const { value, reason } of siblings.of(resource, key, creator?.values[0])) found.push({ values: [value], because: reason });
  const around = network.find(({ tags }) => worn(tags, key) !== '');
  if (around !== undefined) found.push({ values: [worn(around.tags, key)], because: { code: 'network', id: around.id } });
  return found;
}

/** `owner`, `team:owner`, `created-by`: keys whose value is a person. For any other the policy says `from: [creator]`. */
const namesAPerson = (key: string): boolean => /(^|[^a-z])(owner|creator|created[-_ ]?by|contact|responsible)$/i.test(key);

/** Who is known to have made it, or what it came with. */
export const makerOf = (resource: Tagged, { births, source }: Clues): string | null =>
  creatorOf(resource, births, source)?.values[0] ?? null;

function creatorOf(resource: Tagged, births: Clues['births'], source: Clues['source']): Candidate | null {
  const own = birthOf(resource, births);
  const birth = own ?? cameWith(resource, births, source);
  if (birth?.by.person == null) return null;
  const { who, known } = birth.by.person;
  const because: OfferReason = {
    ...{ code: 'creator', who, known, call: birth.call, at: birth.at, through: birth.by.service },
    cameWith: own === undefined ? resource.source : null,
  };
  return { values: [who, who.split('@')[0] ?? who], because };
}

/** An environment may have been told by its names alone; its own is the only one of the account and region. */
function birthOf({ ref }: Tagged, births: Clues['births']): Birth | undefined {
  const known = births.get(ref.id);
  if (known !== undefined || ref.kind !== 'beanstalk-environment') return known;
  return [...births].find(([told]) => told.startsWith('environment/') && told.endsWith(`/${ref.name}`))?.[1];
}

/** A launch answers before its volumes are there, so they are told by when they were made. */
function cameWith({ ref, createdAt }: Tagged, births: Clues['births'], source: Clues['source']): Birth | undefined {
  const launch = ref.kind === 'volume' && source !== null ? births.get(source.ref.id) : undefined;
  return launch !== undefined && createdAt !== null && Math.abs(secondsBetween(launch.at, createdAt)) <= 5 * MINUTE ? launch : undefined;
}

const fits = ({ ref }: Tagged, requirement: Requirement, value: string): boolean =>
  isAllowed(requirement, value) && isWritable(ref, requirement.key, value);

function confidenceIn(because: OfferReason): Confidence {
  switch (because.code) {
    case 'creator':
      return because.through === null ? KNOWN[because.known] : 'guess';
    case 'source':
      return 'likely';
    case 'siblings':
      return because.by === 'name' && because.same === because.of ? 'likely' : 'guess';
    case 'network':
      return 'guess';
    default:
      return because satisfies never;
  }
}

/** An IAM user may be a machine's; a session of a role is called as whoever assumed it liked. */
const KNOWN: Readonly<Record<Person['known'], Confidence>> = {
  'source-identity': 'certain',
  'identity-center': 'certain',
  'iam-user': 'likely',
  'session-name': 'likely',
};
