/** Whose a ledger row is: rows that name no owner belong to whoever owns the change, the meter or the machine they speak of. */
import { type ResourceRef, scopeKey } from '../model/ids.ts';
import type { LedgerRow } from '../model/ledger.ts';
import type { Audience } from '../model/notice.ts';

export interface Ownership {
  add(row: LedgerRow): void;
  /** Only once all rows have been added: an owner may be named after the fact. */
  isOf(row: LedgerRow, audience: Audience): boolean;
  /** `web-asg`'s latest owner, and its team: the tag, else the owner. */
  of(resource: ResourceRef): Owned | null;
}

export interface Owned {
  readonly owner: string | null;
  readonly team: string | null;
}

export function ownership(): Ownership {
  const changes = new Map<string, Owned>();
  const meters = new Map<string, Owned>();
  const resources = new Map<string, Owned & { readonly at: string }>();
  const keep = (resource: ResourceRef, owned: Owned, at: string) => {
    const before = resources.get(keyOf(resource));
    if (before === undefined || before.at <= at) resources.set(keyOf(resource), { ...owned, at });
  };
  const of = (resource: ResourceRef): Owned | null => resources.get(keyOf(resource)) ?? null;

  function ownerOf(row: LedgerRow): Owned | null {
    switch (row.kind) {
      case 'claimed':
      case 'proposed':
        return changes.get(row.change.id) ?? null;
      case 'settled':
        return changes.get(row.changeId) ?? null;
      case 'meter-opened':
      case 'meter-closed':
      case 'meter-corrected':
        return meters.get(row.meterId) ?? null;
      case 'noted':
        return of(row.resource);
      case 'own-cost':
      case 'sealed':
        return null;
      default:
        return row satisfies never;
    }
  }

  return {
    add(row) {
      if (row.kind === 'claimed' || row.kind === 'proposed') {
        const { id, resource, owner, team } = row.change;
        changes.set(id, { owner, team: team ?? owner });
        keep(resource, { owner, team: team ?? owner }, row.at);
      } else if (row.kind === 'meter-opened') {
        meters.set(row.meterId, { owner: row.owner, team: row.team ?? row.owner });
        keep(row.resource, { owner: row.owner, team: row.team ?? row.owner }, row.at);
      }
    },
    isOf(row, audience) {
      const owned = ownerOf(row);
      return 'team' in audience ? owned?.team === audience.team : owned?.owner === audience.owner;
    },
    of,
  };
}

const keyOf = ({ scope, kind, id }: ResourceRef): string => `${scopeKey(scope)}/${kind}/${id}`;
