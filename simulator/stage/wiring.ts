/** What serverless.yml wires: which function is rung by what, and which queues stand between. */
import type { Pattern } from './pattern.ts';
import { type Place, readServerless } from './variables.ts';

export interface Wiring {
  /** `ebbtide-dev`, which the names of functions and queues begin with. */
  readonly stackName: string;
  readonly place: Place;
  readonly functions: readonly FunctionWiring[];
  readonly queues: readonly QueueWiring[];
  /** Logical ids of the tables. */
  readonly tables: readonly string[];
  /** Logical ids of the topics, and the names that CloudFormation makes up for them. */
  readonly topics: Readonly<Record<string, string>>;
  /** Logical ids of the buckets, and the names that CloudFormation makes up for them. */
  readonly buckets: Readonly<Record<string, string>>;
}

export interface FunctionWiring {
  /** `stop-start-instances`: also its file in `functions/`. */
  readonly name: string;
  readonly timeoutSeconds: number;
  /** As written: texts, or references to resources. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** Of Lambda's asynchronous invocation. */
  readonly retriesMax: number;
  /** Logical id of the queue that gets what failed for good. */
  readonly onFailure: string | null;
  readonly patterns: readonly { readonly description: string; readonly pattern: Pattern }[];
  readonly schedules: readonly ScheduleWiring[];
  /** Names of the SNS topics that ring it. */
  readonly topics?: readonly string[];
  readonly mappings: readonly { readonly queue: string; readonly batchSize: number; readonly partial: boolean }[];
}

export interface ScheduleWiring {
  readonly description: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly input: unknown;
}

export interface QueueWiring {
  readonly logicalId: string;
  readonly name: string;
  readonly visibilityTimeout: number;
  readonly contentBasedDeduplication: boolean;
  readonly deduplicationPerGroup: boolean;
  readonly redrive: { readonly queue: string; readonly maxReceiveCount: number } | null;
}

type Json = Readonly<Record<string, unknown>>;

/** @throws Error naming what in the file is not understood. */
export async function readWiring(file: string, account: string): Promise<Wiring> {
  const { document, place } = await readServerless(file, { account });
  const { service, provider, functions, resources } = document as Record<string, Json | string | undefined>;
  const stackName = `${String(service)}-${place.stage}`;
  const common = ((provider as Json)?.['environment'] ?? {}) as Json;
  const timeout = Number((provider as Json)?.['timeout'] ?? 6); // the framework's own default
  const declared = ((resources as Json | undefined)?.['Resources'] ?? {}) as Record<string, Json>;
  const ofType = (type: string) => Object.entries(declared).filter(([, r]) => r['Type'] === type);
  return {
    stackName,
    place,
    functions: Object.entries((functions ?? {}) as Record<string, Json>).map(([name, f]) =>
      functionWiring(name, f, { common, timeout, stackName }),
    ),
    queues: ofType('AWS::SQS::Queue').map(([id, { Properties }]) => queueWiring(id, (Properties ?? {}) as Json, stackName, place)),
    tables: ofType('AWS::DynamoDB::Table').map(([id]) => id),
    topics: Object.fromEntries(ofType('AWS::SNS::Topic').map(([id]) => [id, `${stackName}-${id}`])),
    buckets: Object.fromEntries(ofType('AWS::S3::Bucket').map(([id]) => [id, `${stackName}-${id}`.toLowerCase()])),
  };
}

function functionWiring(name: string, declared: Json, { common, timeout, stackName }: Surroundings): FunctionWiring {
  const events = (declared['events'] ?? []) as Json[];
  const of = (kind: string) => events.flatMap(event => (event[kind] === undefined ? [] : [event[kind] as Json]));
  const destination = (declared['destinations'] as { onFailure?: { arn?: unknown } } | undefined)?.onFailure?.arn;
  return {
    name,
    timeoutSeconds: Number(declared['timeout'] ?? timeout),
    environment: { ...common, ...((declared['environment'] ?? {}) as Json) },
    retriesMax: Number(declared['maximumRetryAttempts'] ?? 2),
    onFailure: destination === undefined ? null : referredTo(destination),
    patterns: of('eventBridge').map(e => ({ description: String(e['description'] ?? ''), pattern: e['pattern'] as Pattern })),
    schedules: of('schedule').flatMap(schedules),
    topics: events.flatMap(event => (event['sns'] === undefined ? [] : [topicName(event['sns'], stackName)])),
    mappings: of('sqs').map(e => ({
      queue: referredTo(e['arn']),
      batchSize: Number(e['batchSize'] ?? 10),
      partial: e['functionResponseType'] === 'ReportBatchItemFailures',
    })),
  };
}

interface Surroundings {
  readonly common: Json;
  readonly timeout: number;
  readonly stackName: string;
}

/** A name that is given, or that CloudFormation would make up for a topic of the stack. */
function topicName(event: unknown, stackName: string): string {
  if (typeof event === 'string') return event.split(':').at(-1) ?? event;
  const { arn, topicName: given } = event as { arn?: unknown; topicName?: string };
  if (arn === undefined) return given ?? '';
  return typeof arn === 'string' ? (arn.split(':').at(-1) ?? arn) : `${stackName}-${referredTo(arn)}`;
}

const schedules = (event: Json): ScheduleWiring[] =>
  ([event['rate']].flat() as unknown[]).map(rate => ({
    description: String(event['description'] ?? rate),
    expression: String(rate),
    timeZone: String(event['timezone'] ?? 'UTC'),
    input: event['input'] ?? {},
  }));

function queueWiring(logicalId: string, properties: Json, stackName: string, place: Place): QueueWiring {
  const redrive = properties['RedrivePolicy'] as { deadLetterTargetArn: unknown; maxReceiveCount: number } | undefined;
  const fifo = properties['FifoQueue'] === true;
  return {
    logicalId,
    name: text(properties['QueueName'], stackName, place) ?? `${stackName}-${logicalId}${fifo ? '.fifo' : ''}`,
    visibilityTimeout: Number(properties['VisibilityTimeout'] ?? 30),
    contentBasedDeduplication: properties['ContentBasedDeduplication'] === true,
    deduplicationPerGroup: properties['DeduplicationScope'] === 'messageGroup',
    redrive: redrive === undefined ? null : { queue: referredTo(redrive.deadLetterTargetArn), maxReceiveCount: redrive.maxReceiveCount },
  };
}

/** The logical id behind `Ref` or `Fn::GetAtt`. */
function referredTo(value: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string | readonly string[] };
  const id = Ref ?? (Array.isArray(attribute) ? attribute[0] : (attribute as string | undefined)?.split('.')[0]);
  if (id === undefined) throw new Error(`serverless.yml: not a reference to a resource: ${JSON.stringify(value)}`);
  return id;
}

function text(value: unknown, stackName: string, { region, account }: Place): string | null {
  const template = typeof value === 'string' ? value : (value as { 'Fn::Sub'?: string } | undefined)?.['Fn::Sub'];
  if (template === undefined) return null;
  const known: Readonly<Record<string, string>> = { 'AWS::StackName': stackName, 'AWS::Region': region, 'AWS::AccountId': account };
  return template.replace(/\$\{([^}]+)\}/g, (whole, name: string) => known[name] ?? whole);
}
