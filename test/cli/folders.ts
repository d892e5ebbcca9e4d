/** The policies that the account is looked at with: an hour, a limit and a rule for each of its roles. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addSeconds, floorTo, HOUR } from '../../shared/model/time.ts';
import { type Clockwork, EAST, HOME } from './account.ts';

const SCOPES = `stage: dev
accounts:
  - account: self
    regions: [${HOME}]
`;

const INSTANCES = `kind: instances
name: NAME
match: { tags: { environment: [ENVIRONMENT] } }
`;
const instances = (name: string, environment: string, rest: string): string =>
  INSTANCES.replace('NAME', name).replace('ENVIRONMENT', environment) + rest;

const AMPLE = 'budget: { perRun: 100, perDay: 1000, perOwner: 100 }\n';

const POLICIES = {
  'a-office': instances('office', 'dev', `schedule: day\nidle: { cpuBelow: 5, hours: 2 }\nbreaker: { share: 1 }\n${AMPLE}`),
  'b-patient': instances('patient', 'stage', 'idle: { cpuBelow: 5, hours: 24 }\n'),
  'c-perf': instances('perf', 'perf', 'schedule: always\n'),
  'd-frugal': instances('frugal', 'frugal', 'schedule: day\nbudget: { perRun: 2 }\n'),
  'e-wild': instances('wild', 'wild', 'idle: { cpuBelow: 5, hours: 2 }\nbreaker: { share: 0.5, atLeast: 3 }\n'),
  'f-web': 'kind: fleets\nname: web\nmatch: { names: [web-*] }\ntarget: { value: 50 }\nminSize: 2\nmaxSize: 6\n',
  'g-east': `kind: tags
name: east-tags
match: { regions: [${EAST}] }
required: [{ key: owner }]
grace: { days: 7 }
settle: 86400
`,
  'h-tags': `kind: tags\nname: tags\nrequired: [{ key: owner }]\ngrace: { days: 7 }\n${AMPLE}`,
};

/** @returns the folders for `--config`: the account's own, and one that speaks of the measured box alone. */
export function writeFolders(folder: string, { evening }: Clockwork): { readonly config: string; readonly measured: string } {
  const config = write(join(folder, 'config'), evening, POLICIES);
  const only = 'kind: instances\nname: measured\nmatch: { tags: { measured: "yes" } }\nschedule: day\n';
  return { config, measured: write(join(folder, 'measured'), evening, { measured: only }) };
}

function write(folder: string, evening: Clockwork['evening'], policies: Readonly<Record<string, string>>): string {
  mkdirSync(join(folder, 'policies'), { recursive: true });
  writeFileSync(join(folder, 'scopes.yml'), SCOPES);
  writeFileSync(join(folder, 'schedules.yml'), schedules(evening));
  writeFileSync(join(folder, 'slack.yml'), "channel: '#costs'\n");
  for (const [name, text] of Object.entries(policies)) writeFileSync(join(folder, 'policies', `${name}.yml`), text);
  return folder;
}

/** `day` ended an hour before the evening; `late` ended before anything was launched and begins again an hour after it. */
function schedules(evening: Clockwork['evening']): string {
  const wall = (hours: number) => addSeconds(floorTo(evening, HOUR), hours * HOUR).slice(11, 16);
  const daily = (begin: string, end: string) => `  timeZone: UTC\n  periods: [{ weekdays: mon-sun, begin: '${begin}', end: '${end}' }]\n`;
  return `day:\n${daily(wall(-6), wall(-1))}late:\n${daily(wall(1), wall(-9))}always:\n${daily('00:00', '24:00')}`;
}
