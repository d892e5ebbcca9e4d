/** `ebb schedule …`: what schedules say, without a look at any account. */
import type { Command } from 'commander';
import { schedulePreview } from './schedule-preview.ts';
import { scheduleState } from './schedule-state.ts';

export function schedule(program: Command): Command {
  const command = program.command('schedule').description('ask what schedules say: at an instant, or over the coming weeks');
  schedulePreview(command);
  scheduleState(command);
  return command;
}
