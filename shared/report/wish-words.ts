/** What somebody asked for, in words: the same on a card, in an answer to a command, and in `why`. */
import type { WishTemplate } from '../model/button.ts';
import type { Wish } from '../model/memory.ts';
import { addSeconds } from '../model/time.ts';
import { plain } from './plain.ts';
import { clock } from './when.ts';

/** `asks to start payroll-test (19:31)`, after whoever it was. */
export function wishPhrase(wish: Wish, name: string, zone: string): string {
  const time = clock(zone);
  const at = time(wish.at);
  const reason = wish.why === null ? '' : `: ${plain(wish.why, 200)}`;
  switch (wish.want) {
    case 'running':
      return `asks to start ${name} (${at})${reason}`;
    case 'stopped':
      return `asks to stop ${name} (${at})${reason}`;
    case 'keep':
    case 'snooze':
      if (wish.until <= wish.at) return `takes back what was asked for ${name} (${at})`;
      return `${wish.want === 'keep' ? 'keeps' : 'snoozes'} ${name} until ${time(wish.until)} (asked ${time(wish.at)})${reason}`;
    case 'tags':
      return `sets ${Object.entries(wish.tags)
        .map(([key, value]) => `${plain(key, 40)} = ${plain(value, 60)}`)
        .join(', ')} on ${name} (${at})`;
    case 'approve':
      return `approves what was proposed for ${name} (${at})`;
    default:
      return wish satisfies never;
  }
}

/** The wish itself, once somebody asks for it. */
export function wished(template: WishTemplate, by: Pick<Wish, 'id' | 'at' | 'by' | 'via' | 'why'>): Wish {
  switch (template.want) {
    case 'keep':
    case 'snooze':
      return { ...by, want: template.want, until: addSeconds(by.at, template.for) };
    default:
      return { ...by, ...template };
  }
}

/** What takes it back: a wish like any other, decided afresh. `null`: nothing does. */
export function undoOf(wish: WishTemplate): WishTemplate | null {
  switch (wish.want) {
    case 'running':
      return { want: 'stopped' };
    case 'stopped':
      return { want: 'running' };
    case 'keep':
    case 'snooze':
      return wish.for === 0 ? null : { want: 'keep', for: 0 };
    case 'tags':
    case 'approve':
      return null;
    default:
      return wish satisfies never;
  }
}
