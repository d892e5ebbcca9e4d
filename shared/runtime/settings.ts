/** What the deployment tells a function through its environment. */
import type { Pen } from '../model/ids.ts';
import { outside } from './outside.ts';

/** @throws Error naming the variable, when a deployment forgot it. */
export function setting(name: string): string {
  const value = outside().environment[name];
  if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`);
  return value;
}

export const stage = (): string => outside().config().stage;
export const ledgerTable = (): string => setting('EBB_LEDGER_TABLE');
export const memoryTable = (): string => setting('EBB_MEMORY_TABLE');

/** URL of a pen's FIFO queue: `EBB_QUEUE_RESIZE_FLEETS` and so on. */
export const queueUrl = (pen: Pen): string => setting(`EBB_QUEUE_${pen.toUpperCase().replaceAll('-', '_')}`);

/** SSM parameter that stops all pens while it exists and holds anything but `no`. */
export const pauseParameter = (): string => `/ebbtide/${stage()}/pause`;
export const slackParameter = (name: 'bot-token' | 'signing-secret' | 'webhook'): string => `/ebbtide/${stage()}/slack/${name}`;
