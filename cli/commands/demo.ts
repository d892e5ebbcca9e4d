import type { Command } from 'commander';
export const demo = (program: Command): Command => program;
