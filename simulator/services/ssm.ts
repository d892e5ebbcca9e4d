/** Systems Manager's parameters. Secure strings are kept as they are: there is no key in the virtual cloud. */
import type {
  DeleteParameterRequest,
  GetParameterRequest,
  GetParameterResult,
  GetParametersRequest,
  GetParametersResult,
  Parameter as ParameterJson,
  PutParameterRequest,
  PutParameterResult,
} from '@aws-sdk/client-ssm';
import type { Parameter } from '../world/parameters.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads, trailed, writes } from './operation.ts';

export const ssm: Readonly<Record<string, Operation>> = {
  GetParameter: reads(getParameter),
  GetParameters: reads(getParameters),
  PutParameter: writes(putParameter, ({ Name, Type, Overwrite }, output) => ({
    requestParameters: { name: Name, type: Type, value: 'HIDDEN_DUE_TO_SECURITY_REASONS', overwrite: Overwrite ?? false },
    responseElements: output && { version: output.Version, tier: output.Tier },
  })),
  DeleteParameter: trailed(deleteParameter),
};

const missing = (): ServiceError => new ServiceError('ParameterNotFound', '');

function getParameter({ Name = '', WithDecryption }: GetParameterRequest, call: Call): GetParameterResult {
  const parameter = call.region.parameters.get(Name);
  if (parameter === undefined) throw missing();
  return { Parameter: json(parameter, WithDecryption ?? false, call) };
}

function getParameters({ Names = [], WithDecryption }: GetParametersRequest, call: Call): GetParametersResult {
  const found = Names.flatMap(name => call.region.parameters.get(name) ?? []);
  return {
    Parameters: found.map(p => json(p, WithDecryption ?? false, call)),
    InvalidParameters: Names.filter(name => !call.region.parameters.has(name)),
  };
}

function putParameter(input: PutParameterRequest, { region, world, changed }: Call): PutParameterResult {
  const { Name: name = '', Value: value = '', Type, Overwrite = false } = input;
  const before = region.parameters.get(name);
  if (before !== undefined && !Overwrite) {
    throw new ServiceError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  const type = Type ?? before?.type;
  if (type === undefined) throw new ServiceError('ValidationException', 'A parameter type is required when you create a parameter.');
  const version = (before?.version ?? 0) + 1;
  region.parameters.set(name, { name, type, value, version, modifiedAt: world.clock.second() });
  changed.push(name);
  return { Version: version, Tier: 'Standard' };
}

function deleteParameter({ Name = '' }: DeleteParameterRequest, { region, changed }: Call): Record<string, never> {
  if (!region.parameters.delete(Name)) throw missing();
  changed.push(Name);
  return {};
}

function json(parameter: Parameter, decrypted: boolean, { region, world }: Call): ParameterJson {
  const hidden = parameter.type === 'SecureString' && !decrypted;
  return {
    Name: parameter.name,
    Type: parameter.type,
    Value: hidden ? Buffer.from(`sealed:${parameter.value}`).toString('base64') : parameter.value,
    Version: parameter.version,
    LastModifiedDate: new Date(parameter.modifiedAt * 1000),
    ARN: `arn:aws:ssm:${region.name}:${world.account}:parameter${parameter.name.startsWith('/') ? '' : '/'}${parameter.name}`,
    DataType: 'text',
  };
}
