/** Required tags, defaults and marks with a deadline: the only writer of tags. */
import { worker } from '../shared/runtime/worker.ts';

export const handler = worker('enforce-tags');
