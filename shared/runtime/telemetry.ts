/** What a function says about itself while it runs: JSON lines to its log, and metrics as lines in the embedded metric format. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { outside } from './outside.ts';

/** Everything of ours in CloudWatch stands here. */
const NAMESPACE = 'Ebbtide';

type Level = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'CRITICAL' | 'SILENT';

/** Beside a message: whatever serialises to JSON; an Error under `error` is told with its stack and causes. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Telemetry {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Puts this id into every further line of the invocation: the event's or the doorbell's. */
  correlate(id: string): void;
  /** Adds to a count metric with the one dimension `service`; published when the invocation ends. */
  count(metric: string, value?: number): void;
}

/** What the middleware stack needs of it besides. */
export interface Instruments extends Telemetry {
  readonly logger: Logger;
  /** `null` where metrics are switched off. */
  readonly metrics: Metrics | null;
}

const known = new Map<string, Instruments>();

/**
 * The instruments of one function: `service` is what the deployment calls itself (`POWERTOOLS_SERVICE_NAME`, which the heartbeat alarm
 * watches), or else the function's name. They are set by the environment *outside* and not only by the process's: `POWERTOOLS_LOG_LEVEL` (`SILENT` says
 * nothing) and `POWERTOOLS_METRICS_DISABLED`. A world that drives handlers thousands of times in one process is thus quiet by its own word.
 */
export function instruments(name: string): Instruments {
  const { environment } = outside();
  const service = environment['POWERTOOLS_SERVICE_NAME'] || name;
  const level = levelOf(environment['POWERTOOLS_LOG_LEVEL']);
  const measured = !isTrue(environment['POWERTOOLS_METRICS_DISABLED']);
  const key = [service, level, measured].join(' ');
  const tools = known.get(key) ?? make(service, level, measured);
  known.set(key, tools);
  return tools;
}

function make(service: string, logLevel: Level, measured: boolean): Instruments {
  const logger = new Logger({ serviceName: service, logLevel });
  const metrics = measured ? new Metrics({ serviceName: service, namespace: NAMESPACE }) : null;
  return {
    logger,
    metrics,
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
    correlate: id => logger.setCorrelationId(id),
    count: (metric, value = 1) => void metrics?.addMetric(metric, MetricUnit.Count, value),
  };
}

const LEVELS: readonly Level[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'];

const levelOf = (text: string | undefined): Level => LEVELS.find(level => level === text?.trim().toUpperCase()) ?? 'INFO';

/** Powertools' own reading of a switch in the environment. */
const isTrue = (text: string | undefined): boolean => ['1', 'y', 'yes', 't', 'true', 'on'].includes(text?.trim().toLowerCase() ?? '');
