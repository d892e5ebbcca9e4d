/** What Cost Explorer tells of commitments: the shares that a story declares (none unless it does), over the hours that were billed. */
import type {
  GetReservationCoverageRequest,
  GetReservationCoverageResponse,
  GetSavingsPlansCoverageRequest,
  GetSavingsPlansCoverageResponse,
} from '@aws-sdk/client-cost-explorer';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads } from './operation.ts';
import { page } from './page.ts';

export const costExplorer: Readonly<Record<string, Operation>> = {
  GetSavingsPlansCoverage: reads(getSavingsPlansCoverage),
  GetReservationCoverage: reads(getReservationCoverage),
};

function getSavingsPlansCoverage(input: GetSavingsPlansCoverageRequest, call: Call): GetSavingsPlansCoverageResponse {
  const { Start, End } = periodOf(input);
  const asked = input.Filter?.Dimensions?.Values?.[0] ?? '';
  const families = call.world.commitments.filter(c => c.region === asked);
  const { items, next } = page(families, input.MaxResults ?? PAGE, input.NextToken, invalidToken);
  return {
    SavingsPlansCoverages: items.map(({ family, savingsPlan }) => ({
      Attributes: { INSTANCE_FAMILY: family },
      Coverage: {
        ...{ SpendCoveredBySavingsPlans: String(savingsPlan), OnDemandCost: String(100 - savingsPlan), TotalCost: '100' },
        CoveragePercentage: String(savingsPlan),
      },
      TimePeriod: { Start, End },
    })),
    ...next,
  };
}

/** As documented for Savings Plans (API_GetSavingsPlansCoverage); for reservations AWS names no size, and the same is taken. */
const PAGE = 20;

const invalidToken = (): Error => new ServiceError('InvalidNextTokenException', 'The pagination token is invalid');

function getReservationCoverage(input: GetReservationCoverageRequest, call: Call): GetReservationCoverageResponse {
  const asked = input.Filter?.Dimensions?.Values?.[0] ?? '';
  const families = call.world.commitments.filter(c => c.region === asked);
  const { items, next } = page(families, input.MaxResults ?? PAGE, input.NextPageToken, invalidToken);
  const groups = items.map(({ family, reserved }) => ({
    Attributes: { instanceType: `${family}.large` },
    Coverage: {
      CoverageHours: {
        ...{ ReservedHours: String(reserved), OnDemandHours: String(100 - reserved), TotalRunningHours: '100' },
        CoverageHoursPercentage: String(reserved),
      },
    },
  }));
  return { CoveragesByTime: [{ TimePeriod: periodOf(input), Groups: groups }], NextPageToken: next.NextToken };
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
