/** A story that is kept in a file, so that it is still the same one when the generator draws others from its seed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { FAULT_KINDS, type Plot } from '../../simulator/swarm/plot.ts';

export interface Story {
  /** Which promise it broke, and how; or that it kept them all. */
  readonly was: string;
  readonly plot: Plot;
}

/** @throws Error naming the file, when it holds no story. */
export function readStory(path: string): Story {
  let story: Partial<Story> | null;
  try {
    story = JSON.parse(readFileSync(path, 'utf8')) as Partial<Story> | null;
  } catch (error) {
    throw new Error(`${path} could not be read: ${(error as Error).message}; name a file that --save has written`);
  }
  const { plot } = story ?? {};
  if (typeof story?.was !== 'string' || !Array.isArray(plot?.spells) || !Array.isArray(plot.boxes) || plot.rules === undefined)
    throw new Error(`${path} holds no story; name a file that --save has written`);
  const strange = plot.spells.find(spell => !FAULT_KINDS.includes(spell.kind));
  if (strange !== undefined) throw new Error(`${path}: ${strange.id} is a fault of the kind "${strange.kind}", which is not known`);
  return { was: story.was, plot };
}

export const saveStory = (path: string, story: Story): void => writeFileSync(path, `${JSON.stringify(story, null, 2)}\n`);
