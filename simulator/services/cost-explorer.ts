/** What Cost Explorer tells of commitments: the shares that a story declares (none unless it does), over the hours that were billed. */
import type {
  GetReservationCoverageRequest,
  GetReservationCoverageResponse,
  GetSavingsPlansCoverageRequest,
  GetSavingsPlansCoverageResponse,
} from '@aws-sdk/client-cost-explorer';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads } from './operation.ts';

export const costExplorer: Readonly<Record<string, Operation>> = {
  GetSavingsPlansCoverage: reads(getSavingsPlansCoverage),
  GetReservationCoverage: reads(getReservationCoverage),
};

function getSavingsPlansCoverage(input: GetSavingsPlansCoverageRequest, call: Call): GetSavingsPlansCoverageResponse {
  const { Start, End } = periodOf(input);
  const asked = input.Filter?.Dimensions?.Values?.[0] ?? '';
  return {
    SavingsPlansCoverages: call.world.commitments
      .filter(c => c.region === asked)
      .map(({ family, savingsPlan }) => ({
        Attributes: { INSTANCE_FAMILY: family },
        Coverage: {
          ...{ SpendCoveredBySavingsPlans: String(savingsPlan), OnDemandCost: String(100 - savingsPlan), TotalCost: '100' },
          CoveragePercentage: String(savingsPlan),
        },
        TimePeriod: { Start, End },
      })),
  };
}

function getReservationCoverage(input: GetReservationCoverageRequest, call: Call): GetReservationCoverageResponse {
  const asked = input.Filter?.Dimensions?.Values?.[0] ?? '';
  const groups = call.world.commitments
    .filter(c => c.region === asked)
    .map(({ family, reserved }) => ({
      Attributes: { instanceType: `${family}.large` },
      Coverage: {
        CoverageHours: {
          ...{ ReservedHours: String(reserved), OnDemandHours: String(100 - reserved), TotalRunningHours: '100' },
          CoverageHoursPercentage: String(reserved),
        },
      },
    }));
  return { CoveragesByTime: [{ TimePeriod: periodOf(input), Groups: groups }] };
}

/** With groups, as with the real one, the whole period is one answer. */
function periodOf({ TimePeriod, Granularity, GroupBy }: GetReservationCoverageRequest | GetSavingsPlansCoverageRequest) {
  if (Granularity !== undefined && GroupBy !== undefined)
    throw new ServiceError('ValidationException', 'Granularity and GroupBy cannot be used together');
  const { Start, End } = TimePeriod ?? { Start: '', End: '' };
  if (Start === undefined || End === undefined || Start >= End)
    throw new ServiceError('ValidationException', 'Start date should be before end date');
  return { Start, End };
}
