import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { activationOf } from '../../cli/tags/activation.ts';
import { complianceOf } from '../../cli/tags/compliance.ts';
import { besideCsv, tagsCsv } from '../../cli/tags/csv.ts';
import type { TagRow } from '../../cli/tags/row.ts';
import { tagRows } from '../../cli/tags/rows.ts';
import { tagsText } from '../../cli/tags/show.ts';
import { decideTags } from '../../shared/decide/decide-tags.ts';
import type { ResourceKind } from '../../shared/model/ids.ts';
import { usd } from '../../shared/model/money.ts';
import type { Tagged } from '../../shared/model/observation.ts';
import type { TagOffer } from '../../shared/model/offer.ts';
import { addSeconds, HOUR, instant } from '../../shared/model/time.ts';
import { tagged, taggeds } from '../decide/facts.ts';
import { paperMemory } from '../support/paper.ts';
import { configOf, requiredTags } from '../support/policies.ts';

const scope = { account: '111122223333', region: 'eu-west-1' };
const at = instant('2025-05-14T12:00:00Z');
const source = 'list price of 2025-04-04 (table)';

let ids = 0;
function row(
  other: Partial<TagRow> & { readonly id?: string; readonly name?: string | null; readonly dollarsAnHour?: number | null } = {},
): TagRow {
  const { id = `i-${String(++ids).padStart(17, '0')}`, name = null, dollarsAnHour = 0.1, ...rest } = other;
  return {
    ...{ resource: { kind: 'instance', id, name, scope }, team: 'shop', owner: null, policy: 'owners', standing: 'complete', missing: [] },
    ...{ parent: null, full: null, mark: null, fixes: [], offers: [] },
    price: dollarsAnHour === null ? null : { perMonth: usd(dollarsAnHour * 730), source },
    ...rest,
  };
}

const lacking = (other: Parameters<typeof row>[0] = {}) => row({ standing: 'lacking', missing: ['owner'], ...other });

describe('what it comes to', () => {
  test('an unknown price is in no sum, and what is not asked counts nowhere', () => {
    const rows = [
      row(),
      lacking({ dollarsAnHour: 0.2 }),
      lacking({ dollarsAnHour: null }),
      row({ standing: 'exempt' }),
      row({ standing: 'unread' }),
      row({ standing: 'settling' }),
    ];
    const { all, exempt, unread, settling } = complianceOf(rows, ['owner']);
    // (0.1 + 0.2) × 730 = 219; 0.2 × 730 = 146
    expect(all).toEqual({ resources: 3, complete: 1, perMonth: usd(219), unattributed: usd(146), unpriced: 1, unattributedUnpriced: 1 });
    expect([exempt, unread, settling]).toEqual([1, 1, 1]);
  });

  test('by team, kind, account and region, most unattributed dollars first', () => {
    const far = { account: '444455556666', region: 'us-east-1' };
    const rows = [
      lacking({ team: null, dollarsAnHour: 1 }),
      lacking({ team: 'payroll', dollarsAnHour: 2 }),
      row({ resource: { kind: 'volume', id: 'vol-1', name: null, scope: far }, dollarsAnHour: 0 }),
    ];
    const { byTeam, byKind, byAccount, byRegion } = complianceOf(rows, []);
    expect(byTeam.map(line => [line.team, line.unattributed])).toEqual([
      ['payroll', usd(1460)],
      [null, usd(730)],
      ['shop', 0],
    ]);
    expect(byKind.map(line => [line.kind, line.complete, line.resources])).toEqual([
      ['instance', 0, 2],
      ['volume', 1, 1],
    ]);
    expect(byAccount.map(line => line.account)).toEqual(['111122223333', '444455556666']);
    expect(byRegion.map(line => line.region)).toEqual(['111122223333/eu-west-1', '444455556666/us-east-1']);
  });

  test('the dearest offender comes first, one of unknown price before one that costs nothing', () => {
    const [cheap, dear, free, unknown] = [0.1, 3, 0, null].map((dollarsAnHour, i) => lacking({ id: `i-${i}`, dollarsAnHour }));
    const { offenders } = complianceOf(
      [cheap, dear, free, unknown].flatMap(r => r ?? []),
      [],
    );
    expect(offenders.map(r => r.resource.id)).toEqual(['i-1', 'i-0', 'i-3', 'i-2']);
  });

  test('sums are the same however rows are grouped', () => {
    const some = fc.record({
      team: fc.option(fc.constantFrom('a', 'b')),
      standing: fc.constantFrom('complete', 'lacking', 'exempt', 'unread', 'settling'),
      dollarsAnHour: fc.option(fc.integer({ min: 0, max: 900 }).map(cents => cents / 100)),
    }) as fc.Arbitrary<Partial<TagRow> & { dollarsAnHour: number | null }>;
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), all => {
        const { all: total, byTeam, byKind, byRegion } = complianceOf(all.map(row), []);
        for (const lines of [byTeam, byKind, byRegion]) {
          for (const figure of ['resources', 'complete', 'perMonth', 'unattributed', 'unpriced', 'unattributedUnpriced'] as const)
            expect(lines.reduce((sum, line) => sum + line[figure], 0)).toBe(total[figure]);
        }
      }),
    );
  });
});

describe('rows', () => {
  test('what carries as many tags as AWS takes says so', () => {
    const crowded = tagged('i-1', Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key-${i}`, 'x'])));
    const config = configOf({ policies: [requiredTags()] });
    const { plan } = decideTags(taggeds(at, [crowded]), config);
    const rows = tagRows({ plan, tagged: [crowded], offersFor: () => [] }, new Map(), config);
    const shown = tagsText(
      { at, scopes: [scope], compliance: complianceOf(rows, ['owner']), activation: null, unread: [] },
      { zone: 'UTC', width: 100 },
    );
    expect(shown).toContain('instance lacks owner · carries 50 tags already, so that nothing can be added');
  });

  test('whatever hangs on a group’s member is put right at the group, and nobody is offered anything for it', () => {
    const member: Tagged = { ...tagged('i-1'), parent: { kind: 'auto-scaling-group', name: 'web' } };
    const on = (kind: ResourceKind, id: string, source: string): Tagged => ({
      ...tagged(id),
      ...{ ref: { ...member.ref, kind, id }, source },
    });
    const all = [member, on('volume', 'vol-1', 'i-1'), on('snapshot', 'snap-1', 'vol-1'), on('volume', 'vol-2', 'i-gone'), tagged('i-2')];
    const policy = requiredTags({ match: { resources: ['instance', 'volume', 'snapshot'], except: {} } });
    const config = configOf({ policies: [policy] });
    const offersFor = () => [{ key: 'owner', value: 'shop', because: { code: 'source', id: 'i-1' }, confidence: 'likely' } as const];
    const rows = tagRows({ plan: decideTags(taggeds(at, all), config).plan, tagged: all, offersFor }, new Map(), config);
    expect(rows.map(r => [r.resource.id, r.parent?.name ?? null, r.offers.length])).toEqual([
      ['i-1', 'web', 0],
      ['vol-1', 'web', 0],
      ['snap-1', 'web', 0],
      ['vol-2', null, 1],
      ['i-2', null, 1],
    ]);
  });
});

/** What people have been seen to write into tags. */
const NASTY = [
  '=HYPERLINK("https://evil.example","payroll")',
  "@SUM(1+1)*cmd|' /C calc'!A0",
  '+1+1',
  '-2+3',
  '\t=1+1',
  '＝1+1',
  '\u001b[2J\u001b]0;gone\u0007red',
  'a\r\nb,c\n"d"',
  '\u202egnp.exe',
  '\u2066\u200b\ufeff',
  '<!channel> <https://evil.example|Approve> *_~`',
  '🦀🔥👩‍👩‍👧‍👦',
  'x'.repeat(256),
  'עִבְרִית',
];

describe('what others wrote is data', () => {
  const offer = (value: string): TagOffer => ({ key: 'owner', value, because: { code: 'source', id: value }, confidence: 'likely' });
  const rowOf = (text: string): TagRow =>
    lacking({
      ...{ name: text, team: text, owner: text, missing: [text], offers: [offer(text)], fixes: [{ key: text, value: text }] },
      mark: { markedAt: at, deadline: at },
      parent: { kind: 'auto-scaling-group', name: text },
    });
  const page = (rows: readonly TagRow[], width = 100) =>
    tagsText(
      {
        at,
        scopes: [scope],
        compliance: complianceOf(rows, NASTY),
        activation: null,
        unread: [{ what: NASTY[6] ?? '', why: NASTY[7] ?? '' }],
      },
      { zone: 'UTC', width },
    );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const STEERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

  test.each(NASTY.map(text => [JSON.stringify(text).slice(0, 40), text]))('in the terminal: %s', (_, text) => {
    const shown = page([rowOf(text)]);
    expect(shown).not.toMatch(STEERS);
    for (const line of shown.split('\n')) expect(line.length).toBeLessThan(200);
    const beside = besideCsv([{ what: text, why: text }]);
    expect(beside).not.toMatch(STEERS);
    expect(beside.split('\n')).toEqual([expect.stringMatching(/^Could not be read, and is not in it: .+: /), '']);
  });

  test.each(NASTY.map(text => [JSON.stringify(text).slice(0, 40), text]))('in a spreadsheet: %s', (_, text) => {
    const [head = [], cells = []] = parsed(tagsCsv([rowOf(text)]));
    expect(cells).toHaveLength(head.length);
    for (const cell of cells) {
      expect(cell).not.toMatch(STEERS);
      expect(cell).not.toMatch(/^\s*[=+\-@|%＝＋－＠]/);
    }
  });

  test('whatever it is, a line is a row, and no cell is a formula', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
        const rows = parsed(tagsCsv([rowOf(text), row()]));
        expect(rows).toHaveLength(3);
        for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@]/);
        expect(page([rowOf(text)], 80)).not.toMatch(STEERS);
      }),
    );
  });
});

describe('activation for cost allocation', () => {
  const asking = (answer: () => unknown) => {
    const asked: unknown[] = [];
    const send = async ({ input }: { input: unknown }) => {
      asked.push(input);
      return answer();
    };
    return { asked, clients: { costExplorer: async () => ({ send }) } as never };
  };
  const tag = (TagKey: string, Status: string) => ({ TagKey, Status, Type: 'UserDefined' });

  test('tells what is active, what is not, and what billing has never seen', async () => {
    const { asked, clients } = asking(() => ({ CostAllocationTags: [tag('owner', 'Active'), tag('team', 'Inactive')] }));
    const { keys, why } = await activationOf(['owner', 'team', 'environment'], { clients, account: scope.account, memory: null, at });
    expect([...keys]).toEqual([
      ['owner', 'active'],
      ['team', 'inactive'],
      ['environment', 'unseen'],
    ]);
    expect([why, asked]).toEqual([null, [{ TagKeys: ['owner', 'team', 'environment'], Type: 'UserDefined', MaxResults: 1000 }]]);
  });

  test('is asked once a day, and again for a key that is new', async () => {
    const { asked, clients } = asking(() => ({ CostAllocationTags: [] }));
    const memory = paperMemory();
    const ask = (keys: string[], hours: number) =>
      activationOf(keys, { clients, account: scope.account, memory, at: addSeconds(at, hours * HOUR) });
    await ask(['owner'], 0);
    await ask(['owner'], 23);
    expect(asked).toHaveLength(1);
    await ask(['owner', 'team'], 23);
    await ask(['team'], 46);
    expect(asked).toHaveLength(2);
    await ask(['team'], 48);
    expect(asked).toHaveLength(3);
  });

  test('that is refused is told, and nothing is made of it', async () => {
    const { clients } = asking(() => Promise.reject(Object.assign(new Error('only the payer may'), { name: 'AccessDeniedException' })));
    const { keys, why } = await activationOf(['owner'], { clients, account: scope.account, memory: paperMemory(), at });
    expect([keys.size, why]).toEqual([0, 'AccessDeniedException: only the payer may']);
  });
});

/** RFC 4180, read by the book. */
function parsed(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',' || c === '\r') {
      rows.at(-1)?.push(cell);
      cell = '';
    } else if (c === '\n') rows.push([]);
    else cell += c;
  }
  return rows.slice(0, -1);
}
