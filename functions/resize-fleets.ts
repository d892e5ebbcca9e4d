/** Capacity of Auto Scaling groups: the only writer of it. */
import { worker } from '../shared/runtime/worker.ts';

export const handler = worker('resize-fleets');
