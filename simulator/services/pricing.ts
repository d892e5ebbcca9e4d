/** The price list as AWS answers it: documents of one product each, as text. A few types in a few regions; of all others it has no product. */
import type { Filter, GetProductsRequest, GetProductsResponse } from '@aws-sdk/client-pricing';
import { ServiceError } from './errors.ts';
import { type Operation, reads } from './operation.ts';

export const pricing: Readonly<Record<string, Operation>> = { GetProducts: reads(getProducts) };

/** Dollars an hour, Linux and Windows (AWS price list of 2025-04-04), and how usage types of the region begin. */
const LIST: Readonly<
  Record<string, { readonly usage: string; readonly types: Readonly<Record<string, readonly [number, number | null]>> }>
> = {
  'eu-west-1': {
    usage: 'EU-',
    types: {
      't3.micro': [0.0114, 0.0206],
      't3.medium': [0.0456, 0.064],
      't3.large': [0.0912, 0.1188],
      'm5.large': [0.107, 0.199],
      'm5.xlarge': [0.214, 0.398],
      'c5.large': [0.096, 0.188],
      'c5.xlarge': [0.192, 0.376],
      'r5.large': [0.141, 0.233],
      'i3.large': [0.172, 0.264],
      'm7g.large': [0.091, null],
    },
  },
  'us-east-1': { usage: '', types: { 't3.medium': [0.0416, 0.06], 'm5.large': [0.096, 0.188], 'c5.xlarge': [0.17, 0.354] } },
};

/** All products of a type: those beside the wanted one are what a question that is not exact gets, too. */
function getProducts({ ServiceCode, Filters = [] }: GetProductsRequest): GetProductsResponse {
  if (ServiceCode !== 'AmazonEC2') throw new ServiceError('NotFoundException', `Service Code ${ServiceCode} was not found.`);
  const found = products().filter(product => Filters.every(filter => matches(product, filter)));
  return { FormatVersion: 'aws_v1', PriceList: found.map(documentOf) };
}

interface Product {
  readonly sku: string;
  readonly dollars: number;
  readonly productFamily: string;
  readonly attributes: Readonly<Record<string, string>>;
}

function products(): Product[] {
  return Object.entries(LIST).flatMap(([regionCode, { usage, types }]) =>
    Object.entries(types).flatMap(([instanceType, [linux, windows]]) => {
      const common = {
        regionCode,
        instanceType,
        preInstalledSw: 'NA',
        tenancy: 'Shared',
        marketoption: 'OnDemand',
        servicecode: 'AmazonEC2',
      };
      const product = (name: string, dollars: number, attributes: Readonly<Record<string, string>>): Product => ({
        sku: `${name}${regionCode}${instanceType}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, ''),
        dollars,
        productFamily: 'Compute Instance',
        attributes: { ...common, licenseModel: 'No License required', capacitystatus: 'Used', ...attributes },
      });
      const box = `${usage}BoxUsage:${instanceType}`;
      return [
        product('LIN', linux, { operatingSystem: 'Linux', usagetype: box, operation: 'RunInstances' }),
        product('RES', 0, {
          operatingSystem: 'Linux',
          usagetype: box,
          operation: 'RunInstances',
          capacitystatus: 'AllocatedCapacityReservation',
        }),
        ...(windows === null
          ? []
          : [
              product('WIN', windows, { operatingSystem: 'Windows', usagetype: box, operation: 'RunInstances:0002' }),
              product('BYO', linux, {
                ...{ operatingSystem: 'Windows', usagetype: box, operation: 'RunInstances:0800', licenseModel: 'Bring your own license' },
              }),
            ]),
      ];
    }),
  );
}

const matches = ({ productFamily, attributes }: Product, { Field = '', Value }: Filter): boolean =>
  (Field === 'productFamily' ? productFamily : attributes[Field]) === Value;

function documentOf({ sku, dollars, productFamily, attributes }: Product): string {
  const [offer, rate] = [`${sku}.JRTCKXETXF`, `${sku}.JRTCKXETXF.6YS6EN2CT7`];
  return JSON.stringify({
    product: { productFamily, attributes, sku },
    serviceCode: 'AmazonEC2',
    terms: {
      OnDemand: {
        [offer]: {
          priceDimensions: {
            [rate]: { unit: 'Hrs', endRange: 'Inf', beginRange: '0', rateCode: rate, pricePerUnit: { USD: dollars.toFixed(10) } },
          },
          ...{ sku, effectiveDate: '2025-04-01T00:00:00Z', offerTermCode: 'JRTCKXETXF', termAttributes: {} },
        },
      },
    },
    version: '20250404000000',
    publicationDate: '2025-04-04T00:00:00Z',
  });
}
