/**
 * Both tables of "Configuring how CloudWatch alarms treat missing data", section "How alarm state is evaluated when data is missing":
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
import { describe, expect, test } from '@jest/globals';
import { type Judged, verdict } from '../../simulator/world/alarm-judgement.ts';

const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

/** `0` is within the threshold, `X` beyond it, `-` missing; oldest first. */
const rangeOf = (points: string): Judged[] =>
  points.split(' ').map((point, i) => ({
    ...{ time: i * 60, value: point === '-' ? null : point === 'X' ? 2 : 0 },
    limits: { upper: 1, lower: 1 },
  }));

const statesOf = (points: string, datapointsToAlarm: number) =>
  TREATMENTS.map(treatMissingData =>
    verdict({ comparison: 'GreaterThanThreshold', evaluationPeriods: 3, datapointsToAlarm, treatMissingData }, rangeOf(points)),
  );

describe('an alarm of which five periods are fetched and some are missing', () => {
  test.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', null, 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', null, 'ALARM', 'OK']],
  ])('%s, three of three: %j where they are missing, ignored, breaching, not breaching', (points, states) => {
    expect(statesOf(points, 3)).toEqual(states);
  });

  test.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - X', ['OK', null, 'ALARM', 'OK']],
  ])('%s, two of three: %j where they are missing, ignored, breaching, not breaching', (points, states) => {
    expect(statesOf(points, 2)).toEqual(states);
  });
});
