/** Why a value is offered, in a clause. Names, tags and users are quoted through `plain`. */
import type { OfferReason } from '../model/offer.ts';
import { plain } from './plain.ts';
import { type Clock, clock } from './when.ts';

/** `made by anna@example.com (RunInstances, Wed 14 May 12:00 UTC; signed in through IAM Identity Center)` */
export function offerClause(because: OfferReason, at: Clock = clock()): string {
  switch (because.code) {
    case 'creator': {
      const { who, known, call, through, cameWith } = because;
      const facts = [`${plain(call)}, ${at(because.at)}`, ...(through === null ? [KNOWN[known]] : [`through ${plain(through)}`])];
      return `${cameWith === null ? 'made by' : `came with ${plain(cameWith)}, made by`} ${plain(who)} (${facts.join('; ')})`;
    }
    case 'source':
      return `${plain(because.id)}, which it belongs to, carries it`;
    case 'network':
      return `${plain(because.id)} carries it`;
    case 'siblings': {
      const { by, called, same, of } = because;
      const others = by === 'name' ? `called ${plain(called)}` : `of ${plain(called)}`;
      return `${same === of ? `all ${of}` : `${same} of ${of}`} ${others} carry it`;
    }
    default:
      return because satisfies never;
  }
}

const KNOWN = {
  'source-identity': 'by source identity',
  'identity-center': 'signed in through IAM Identity Center',
  'iam-user': 'IAM user',
  'session-name': 'by the name of the session',
} as const;
