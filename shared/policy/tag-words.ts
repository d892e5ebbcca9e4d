/** What AWS lets stand in a tag, and which tags are nobody's to write. */
import type { ResourceKind, ResourceRef } from '../model/ids.ts';

/** AWS allows 50 tags beside those that are its own. */
export const TAGS_MAX = 50;
const KEY_MAX = 128;
const VALUE_MAX = 256;

/** What every service allows: letters, digits and spaces of any script, and these signs. EC2 alone takes any character. */
const EVERYWHERE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Characters as AWS counts them: an emoji is one. */
const lengthOf = (text: string): number => [...text].length;

/** Why no service would take this key; `null`: all do. After `; ` what to do about it. */
export function keyTrouble(key: string): string | null {
  if (/^aws:/i.test(key)) return `${JSON.stringify(key)} is a key that AWS keeps for itself; choose one that does not begin with aws:`;
  if (/^elasticbeanstalk:/i.test(key)) return `${JSON.stringify(key)} is a key that Elastic Beanstalk writes itself; choose another`;
  if (key === 'ebb:mark') return '"ebb:mark" is the mark that is written where something is missing; choose another key';
  if (key.trim() === '') return 'is empty; write a key';
  if (lengthOf(key) > KEY_MAX) return `is longer than the ${KEY_MAX} characters that AWS allows for a key; shorten it`;
  return EVERYWHERE.test(key) ? null : `${JSON.stringify(key)} has characters that not every service allows; ${ALLOWED}`;
}

/** The same of a value. */
export function valueTrouble(value: string): string | null {
  if (lengthOf(value) > VALUE_MAX) return `is longer than the ${VALUE_MAX} characters that AWS allows for a value; shorten it`;
  return EVERYWHERE.test(value) ? null : `${JSON.stringify(value)} has characters that not every service allows; ${ALLOWED}`;
}

const ALLOWED = 'use letters, digits, spaces and _ . : / = + - @';

/** Whether a tag that was found somewhere may be written to this resource. */
export function isWritable({ kind, name }: Pick<ResourceRef, 'kind' | 'name'>, key: string, value: string): boolean {
  if (isOthers(kind, key) || key === '' || lengthOf(key) > KEY_MAX || lengthOf(value) > VALUE_MAX) return false;
  if (kind === 'beanstalk-environment' && !environmentTakes(key, value, name)) return false;
  const anyCharacter = kind !== 'auto-scaling-group' && kind !== 'beanstalk-environment';
  return anyCharacter || (EVERYWHERE.test(key) && EVERYWHERE.test(value));
}

/** Stricter than the other services (https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/applications-tagging-resources.html). */
const environmentTakes = (key: string, value: string, name: string | null): boolean =>
  lengthOf(key) < KEY_MAX && lengthOf(value) < VALUE_MAX && value !== '' && value !== name && !/aws:|elasticbeanstalk:/i.test(value);

/** Tags that a service writes itself and nobody else may: AWS's, and Elastic Beanstalk's with the name of its environment. */
export const isOthers = (kind: ResourceKind, key: string): boolean =>
  /^(aws|elasticbeanstalk):/i.test(key) || (kind === 'beanstalk-environment' && key === 'Name');

/** Those that count towards the limit. */
export const ownKeys = (tags: Readonly<Record<string, string>>): string[] => Object.keys(tags).filter(key => !/^aws:/i.test(key));
