/**
 * What an instance did, hour by hour: one character for each hour and metric, newest last, so that four weeks of two metrics are 1.3 KB of text.
 * Levels are coarse (6 to 9 % a step) and finest where idleness is told from use: below 10 % CPU and 100 KB/s.
 */

export interface History {
  readonly version: 1;
  /** Hours since the epoch; the last character tells of the hour before this one. */
  readonly end: number;
  /** Highest five-minute CPU of each hour, or what stands for it: see `HOUR_MARKS`. */
  readonly cpu: string;
  /** Highest five-minute network traffic (in + out) of each hour; a blank where it is not known. */
  readonly net: string;
}

/** One hour: what was measured (absent is not zero), or what is known of an instance that we had stopped. */
export type HourSeen = HourMeasured | 'undisturbed' | 'woken';

export interface HourMeasured {
  /** Percent. */
  readonly cpuMax: number | null;
  /** KB/s. */
  readonly netMax: number | null;
}

/** Stopped by us and nobody came is evidence that nobody wanted it; somebody who starts it is evidence that it was wanted. */
const HOUR_MARKS = { unknown: ' ', undisturbed: '-', woken: '!' } as const;

/** Four weeks, and an hour for the tick before. */
export const HISTORY_HOURS = 28 * 24 + 1;

export const emptyHistory = (end: number): History => ({ version: 1, end, cpu: '', net: '' });

/** The history with one more hour. Hours that nobody told of in between are unknown; an hour that was told before is not told again. */
export function tell(history: History, hour: number, seen: HourSeen): History {
  if (hour < history.end) return history;
  const gap = HOUR_MARKS.unknown.repeat(Math.min(hour - history.end, HISTORY_HOURS));
  return {
    version: 1,
    end: hour + 1,
    cpu: (history.cpu + gap + cpuMark(seen)).slice(-HISTORY_HOURS),
    net: (history.net + gap + netMark(seen)).slice(-HISTORY_HOURS),
  };
}

/** The same history as it was known `hours` earlier. */
export const earlierBy = (history: History, hours: number): History => ({
  version: 1,
  end: history.end - hours,
  cpu: history.cpu.slice(0, -hours),
  net: history.net.slice(0, -hours),
});

/** What was measured in the latest hour, as coarsely as it is kept. */
export function latestOf({ cpu, net }: History): HourMeasured {
  const value = (text: string, scale: Scale) => {
    const level = levels(text.slice(-1))[0] ?? UNKNOWN;
    return level < 0 ? null : measureAt(level, scale);
  };
  return { cpuMax: value(cpu, CPU), netMax: value(net, NET) };
}

/** Hours of which anything is known. */
export function hoursKnown({ cpu }: History): number {
  let known = 0;
  for (let i = 0; i < cpu.length; i++) if (cpu[i] !== HOUR_MARKS.unknown) known++;
  return known;
}

const cpuMark = (seen: HourSeen): string => (typeof seen === 'string' ? HOUR_MARKS[seen] : mark(seen.cpuMax, CPU));
const netMark = (seen: HourSeen): string => (typeof seen === 'string' ? HOUR_MARKS.unknown : mark(seen.netMax, NET));

/** `level = perOctave × log2(1 + value / knee)`: even steps below the knee, even ratios above it. */
interface Scale {
  readonly knee: number;
  readonly perOctave: number;
}
export const CPU: Scale = { knee: 0.5, perOctave: 11.7 };
export const NET: Scale = { knee: 2, perOctave: 8.5 };

/** Printable, and nothing that JSON has to escape. */
const ALPHABET = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter(c => !'"\\!-'.includes(c));
export const LEVELS: number = ALPHABET.length;
const LEVEL_OF = new Map(ALPHABET.map((c, i) => [c.charCodeAt(0), i]));

const mark = (value: number | null, scale: Scale): string =>
  value === null || !Number.isFinite(value) || value < 0
    ? HOUR_MARKS.unknown
    : (ALPHABET[Math.min(LEVELS - 1, Math.round(scale.perOctave * Math.log2(1 + value / scale.knee)))] ?? HOUR_MARKS.unknown);

export const measureAt = (level: number, { knee, perOctave }: Scale): number => knee * (2 ** (level / perOctave) - 1);

/** Per hour a level, or one of the codes below. */
export function levels(text: string): Int8Array {
  const out = new Int8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = CODE_OF[text.charCodeAt(i)] ?? UNKNOWN;
  return out;
}

export const UNKNOWN = -1;
export const UNDISTURBED = -2;
export const WOKEN = -3;

const CODE_OF = Int8Array.from({ length: 128 }, (_, code) =>
  code === HOUR_MARKS.undisturbed.charCodeAt(0)
    ? UNDISTURBED
    : code === HOUR_MARKS.woken.charCodeAt(0)
      ? WOKEN
      : (LEVEL_OF.get(code) ?? UNKNOWN),
);
