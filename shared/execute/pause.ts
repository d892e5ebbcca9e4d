/** The pause stops all pens: an SSM parameter, read at the top of execute. Starting what we stopped is never paused. */
import type { Clients } from '../runtime/clients.ts';

export type Pause = { readonly kind: 'running'; readonly why: null } | { readonly kind: 'paused'; readonly why: string };

/** A pause that cannot be read counts as one: better late than against somebody's will. */
export async function readPause(clients: Clients, parameter: string): Promise<Pause> {
  const { GetParameterCommand } = await import('@aws-sdk/client-ssm');
  try {
    const { Parameter } = await (await clients.ssm()).send(new GetParameterCommand({ Name: parameter }));
    const value = Parameter?.Value?.trim() ?? '';
    if (value === '' || value === 'no') return { kind: 'running', why: null };
    return { kind: 'paused', why: `paused: ${value}` };
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'ParameterNotFound') return { kind: 'running', why: null };
    return { kind: 'paused', why: `whether we are paused could not be read (${name}: ${message})` };
  }
}
