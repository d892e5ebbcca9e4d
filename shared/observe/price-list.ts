/** AWS's own price list, asked for one instance type at a time: exactly one product answers, or nobody does. */
import type { Filter } from '@aws-sdk/client-pricing';
import { type MicroUsd, microUsd } from '../model/money.ts';
import type { BilledAs } from '../model/observation.ts';
import { type Instant, instant, utcDay } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';

/** What the list says of an hour, or why it says nothing that may be used. */
export type Listed =
  | { readonly perHour: MicroUsd; readonly billedAs: BilledAs; readonly effectiveAt: Instant }
  | { readonly refused: string };

export interface ListedType {
  readonly region: string;
  readonly type: string;
  readonly platform: 'linux' | 'windows';
}

/**
 * On demand, shared tenancy, no licence but Windows' own, no reserved capacity. The API answers in us-east-1 alone (and in Frankfurt and
 * Mumbai), whatever region is asked about; it costs nothing.
 * @throws the SDK's error.
 */
export async function askPriceList(clients: Pick<Clients, 'pricing'>, asked: ListedType): Promise<Listed> {
  const [client, { paginateGetProducts }] = await Promise.all([clients.pricing(), import('@aws-sdk/client-pricing')]);
  const input = { ServiceCode: 'AmazonEC2', FormatVersion: 'aws_v1', Filters: filters(asked), MaxResults: 10 };
  const found: unknown[] = [];
  for await (const { PriceList = [] } of paginateGetProducts({ client }, input)) if (found.push(...PriceList) > 1) break;
  const [only] = found;
  if (only === undefined || found.length > 1)
    return { refused: `${found.length === 0 ? 'no product matches' : 'several products match, not one'}` };
  return listed(String(only), asked);
}

/** What makes it one: without the last five, licences of one's own, reserved capacity and dedicated hosts answer as well. */
function filters({ region, type, platform }: ListedType): Filter[] {
  const fields = {
    ...{ regionCode: region, instanceType: type, operatingSystem: platform === 'windows' ? 'Windows' : 'Linux' },
    ...{ preInstalledSw: 'NA', licenseModel: 'No License required', tenancy: 'Shared', capacitystatus: 'Used' },
    ...{ marketoption: 'OnDemand', productFamily: 'Compute Instance' },
  };
  return Object.entries(fields).map(([Field, Value]) => ({ Type: 'TERM_MATCH', Field, Value }));
}

interface Product {
  readonly product?: { readonly sku?: unknown; readonly attributes?: Readonly<Record<string, unknown>> | null } | null;
  readonly terms?: { readonly OnDemand?: Readonly<Record<string, Term | null>> | null } | null;
}
interface Term {
  readonly effectiveDate?: unknown;
  readonly priceDimensions?: Readonly<Record<string, Dimension | null>> | null;
}
interface Dimension {
  readonly unit?: unknown;
  readonly pricePerUnit?: Readonly<Record<string, unknown>> | null;
}

/** The document of one product: what does not read as an hourly price in dollars, of what was asked for, is refused. */
export function listed(text: string, { region, type }: ListedType): Listed {
  const { product, terms } = documentIn(text);
  const attributes = product?.attributes ?? {};
  if (attributes['instanceType'] !== type || attributes['regionCode'] !== region) return { refused: 'another product answers' };
  const offers = Object.values(terms?.OnDemand ?? {});
  const dimensions = offers.flatMap(offer => Object.values(offer?.priceDimensions ?? {}));
  const [dimension] = dimensions;
  if (offers.length !== 1 || dimensions.length !== 1 || dimension == null) return { refused: `${dimensions.length} prices, not one` };
  const since = textIn(offers[0]?.effectiveDate) ?? '';
  if (!/^\d{4}-/.test(since) || Number.isNaN(Date.parse(since))) return { refused: 'no date from which it holds' };
  // What rounds to nothing, or past what can be added up, is no price either.
  const micros = Math.round(Number(textIn(dimension.pricePerUnit?.['USD']) ?? Number.NaN) * 1_000_000);
  if (dimension.unit !== 'Hrs' || !(micros > 0) || !Number.isSafeInteger(micros)) return { refused: 'no price an hour in USD' };
  return {
    perHour: microUsd(micros),
    effectiveAt: instant(since),
    billedAs: {
      type,
      sku: textIn(product?.sku),
      usageType: textIn(attributes['usagetype']),
      operation: textIn(attributes['operation']),
      pricing: 'Standard',
    },
  };
}

const textIn = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What is no JSON says nothing. */
function documentIn(text: string): Product {
  try {
    return (JSON.parse(text) as Product | null) ?? {};
  } catch {
    return {};
  }
}

/** For people. */
export const listSource = (effectiveAt: Instant): string => `list price of ${utcDay(effectiveAt)} (Price List API)`;
