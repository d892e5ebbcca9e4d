/** A proposal to buy a part of a fleet as Spot, in words: price, risk, and the change to make. */
import { dollars } from '../model/money.ts';
import type { PurchaseProposal } from '../model/purchase.ts';
import { range } from './amounts.ts';
import { count } from './numbers.ts';
import { plain, plainList } from './plain.ts';
import { PAGE_WIDTH, paint, wrap } from './text.ts';

/** @param source where the on-demand price is from: `list price of 2025-04-04 (table)`. */
export function purchaseText(name: string, proposal: PurchaseProposal, source: string | null, width = PAGE_WIDTH): string {
  const { base, onDemandPercent, spotInstances, types, pools, change } = proposal;
  const lines = [
    `${paint('bold', `Proposal for ${plain(name)}, never written by us`)}: on demand ${base}, and of what is above it ${onDemandPercent} % on demand and ${100 - onDemandPercent} % Spot: ${count(spotInstances, 'instance')} at its present size.`,
    priceLine(proposal, source),
    `Risk: EC2 takes Spot back with two minutes' notice. It may come from ${count(pools, 'pool')} (${plainList(types)} in each zone)${pools < FEW ? ', which is few: they may all be taken at once' : ''}. Each type must run the same image.`,
  ];
  return [...lines.map(line => wrap(line, width)), `${change.command} '${JSON.stringify(change.input, null, 2)}'`].join('\n');
}

const FEW = 6;

function priceLine({ onDemandPerHour, spotPerHour, saves }: PurchaseProposal, source: string | null): string {
  const listed = onDemandPerHour === null ? 'unknown' : `${dollars(onDemandPerHour)} (${plain(source ?? 'list price')})`;
  const spot =
    spotPerHour === null ? 'unknown: EC2 told no price for one of the types' : `at most ${dollars(spotPerHour)} now, and it moves`;
  const worth = saves === null ? 'what it saves is unknown' : `it saves ${range(saves)} an hour at this size`;
  return `Price of an instance-hour on demand: ${listed}; as Spot: ${spot}; so ${worth}${saves !== null && saves.low < saves.high ? ', the low end where a commitment has paid for the hours already' : ''}.`;
}
