/** The emulator as an account in which not everybody may do everything. */
import { HOME } from './account.ts';
import { aws } from './shell.ts';

/** From now on the emulator asks IAM before it answers: after so many calls, `inf` for never. */
export const guard = (url: string, calls: string): Promise<Response> =>
  fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body: calls });

/** Keys of a user who may do anything but these. */
export async function reader(url: string, deny: readonly string[]): Promise<Record<string, string>> {
  const iam = (...args: string[]) => aws(url, HOME, ['iam', ...args]);
  await iam('create-user', '--user-name', 'reader');
  const statement = [
    { Effect: 'Allow', Action: '*', Resource: '*' },
    { Effect: 'Deny', Action: deny, Resource: '*' },
  ];
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statement });
  await iam('put-user-policy', '--user-name', 'reader', '--policy-name', 'reader', '--policy-document', document);
  const keys = await iam('create-access-key', '--user-name', 'reader', '--query', 'AccessKey.[AccessKeyId,SecretAccessKey]');
  const [id = '', secret = ''] = keys.split(/\s+/);
  return { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
}
