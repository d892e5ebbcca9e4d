/** State of instances: stops what is idle or off-hours, and brings back what we stopped. The only writer of it. */
import { worker } from '../shared/runtime/worker.ts';

export const handler = worker('stop-start-instances');
