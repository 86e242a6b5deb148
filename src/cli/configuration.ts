/**
 * What a server is started with: flags before the environment, the environment before `milvus.yaml`, that
 * before the defaults. In the environment a key of Milvus has its capitals and underscores, as Milvus has it:
 * `proxy.port` is PROXY_PORT; METRICS_PORT is common.metricsPort.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { MilvusError } from '../base/errors.ts';
import { type LogLevelName, logLevelOf } from '../server/log-level.ts';
import {
  type ConfigurationKey,
  IDLE_SECTIONS,
  OTHER_KEYS,
  USED_KEYS,
} from './configuration-keys.ts';
import { CommandFailure, EXIT_CODES } from './failure.ts';
import { NotYaml, yamlLeaves } from './yaml-file.ts';

const FILE_NAME = 'milvus.yaml';
/** The directory of the file, as Milvus finds it. */
const DIRECTORY_VARIABLE = 'MILVUSCONF';
const FILE_BYTES_MAX = 1024 * 1024;
const PORT_MAX = 65_535;
const MILLISECONDS_MAX = 24 * 60 * 60 * 1000;

type UsedName = keyof typeof USED_KEYS;

/** Flags that were given, by the key that they stand for. */
export type Flags = Readonly<Partial<Record<UsedName, string>>>;

export interface ConfigurationSources {
  readonly flags: Flags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A file, or a directory with `milvus.yaml`; null: where MILVUSCONF says, else none. */
  readonly file: string | null;
}

export interface Configuration {
  readonly host: string;
  readonly port: number;
  readonly metricsPort: number;
  readonly http: {
    readonly isEnabled: boolean;
    readonly allowsInt64: boolean;
    readonly requestTimeoutMs: number;
  };
  readonly logLevel: LogLevelName;
  /** Every key that is obeyed, with its value. */
  readonly effective: Readonly<Record<string, string>>;
  /** What of the sources does nothing, in sentences. */
  readonly warnings: readonly string[];
}

/** @throws CommandFailure for values that are none, and for what the server cannot do */
export async function readConfiguration(sources: ConfigurationSources): Promise<Configuration> {
  const { flags, environment } = sources;
  const file = await fileLeaves(sources);
  const fromEnvironment = environmentLeaves(environment);
  const warnings = [...checkLeaves(file), ...checkLeaves(fromEnvironment)];
  const valueOf = (name: UsedName): string =>
    flags[name] ?? fromEnvironment.get(name) ?? file.get(name) ?? USED_KEYS[name].value;
  const names = Object.keys(USED_KEYS) as UsedName[];
  const effective = Object.fromEntries(names.map((name) => [name, checked(name, valueOf(name))]));
  return {
    host: valueOf('proxy.ip'),
    port: Number(valueOf('proxy.port')),
    metricsPort: Number(valueOf('common.metricsPort')),
    http: {
      isEnabled: isTrue(valueOf('proxy.http.enabled')),
      allowsInt64: isTrue(valueOf('proxy.http.acceptTypeAllowInt64')),
      requestTimeoutMs: Number(valueOf('proxy.http.requestTimeoutMs')),
    },
    logLevel: logLevelOf(valueOf('log.level')),
    effective,
    warnings,
  };
}

async function fileLeaves({
  file,
  environment,
}: ConfigurationSources): Promise<ReadonlyMap<string, string>> {
  const given = file ?? environment[DIRECTORY_VARIABLE] ?? '';
  if (given === '') return new Map();
  try {
    const found = await stat(given);
    const name = found.isDirectory() ? path.join(given, FILE_NAME) : given;
    const text = await readFile(name, 'utf8');
    if (text.length > FILE_BYTES_MAX) throw new NotYaml(`it has more than ${FILE_BYTES_MAX} bytes`);
    return yamlLeaves(text);
  } catch (failure) {
    const isFiles = failure instanceof NotYaml || (failure instanceof Error && 'code' in failure);
    if (!isFiles) throw failure;
    const message = `the configuration ${given} cannot be read: ${failure.message}`;
    throw new CommandFailure(EXIT_CODES.usage, message);
  }
}

/** Variables that are a key of the tables; all others are somebody else's. */
function environmentLeaves(
  environment: ConfigurationSources['environment'],
): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  for (const key of [...Object.keys(USED_KEYS), ...Object.keys(OTHER_KEYS)]) {
    const value = environment[key.replaceAll('.', '_').toUpperCase()];
    if (value !== undefined && value !== '') leaves.set(key, value);
  }
  const metricsPort = environment['METRICS_PORT'];
  if (metricsPort !== undefined && metricsPort !== '' && !leaves.has('common.metricsPort')) {
    leaves.set('common.metricsPort', metricsPort);
  }
  return leaves;
}

/** @returns warnings */
function checkLeaves(leaves: ReadonlyMap<string, string>): string[] {
  const warnings: string[] = [];
  const idle = new Map<string, number>();
  const used: Readonly<Record<string, ConfigurationKey>> = USED_KEYS;
  for (const [key, value] of leaves) {
    const [section = ''] = key.split('.');
    const other = OTHER_KEYS[key];
    if (Object.hasOwn(used, key)) continue;
    if (other !== undefined) warnings.push(...checkOther(key, value));
    else if (IDLE_SECTIONS.includes(section)) idle.set(section, (idle.get(section) ?? 0) + 1);
    else warnings.push(`unknown key ${key} is left out`);
  }
  for (const [section, count] of idle) {
    const keys = count === 1 ? 'one key' : `${count} keys`;
    warnings.push(`${keys} of ${section} do nothing here`);
  }
  return warnings;
}

function checkOther(key: string, value: string): string[] {
  const { use, value: kept, what } = OTHER_KEYS[key] ?? { use: 'fixed', value, what: '' };
  if (value.toLowerCase() === kept.toLowerCase() || value === '') return [];
  if (use === 'fixed') return [`${key} is ${kept}, not ${value}: it cannot be changed (${what})`];
  throw new CommandFailure(
    EXIT_CODES.usage,
    `${key} is ${value}, but there is no such thing here: ${what}`,
    `set it to ${kept}, or leave it out`,
  );
}

/** @returns the value @throws CommandFailure when it is none of its kind */
function checked(name: UsedName, value: string): string {
  const { kind } = USED_KEYS[name];
  switch (kind) {
    case 'port':
      requireNumber(value, { name, max: PORT_MAX, what: 'a port' });
      break;
    case 'milliseconds':
      requireNumber(value, { name, max: MILLISECONDS_MAX, what: 'milliseconds' });
      break;
    case 'boolean':
      if (!/^(?:true|false)$/i.test(value)) throw wrong(name, value, 'true or false');
      break;
    case 'level':
      requireLevel(name, value);
      break;
    default:
      if (value === '') throw wrong(name, value, 'a text');
  }
  return value;
}

function requireNumber(
  value: string,
  { name, max, what }: { readonly name: string; readonly max: number; readonly what: string },
): void {
  if (!/^\d+$/.test(value) || Number(value) > max) {
    throw wrong(name, value, `${what} from 0 to ${max}`);
  }
}

function requireLevel(name: string, value: string): void {
  try {
    logLevelOf(value);
  } catch (failure) {
    if (!(failure instanceof MilvusError)) throw failure;
    throw wrong(name, value, 'a level of the log');
  }
}

function wrong(name: string, value: string, expected: string): CommandFailure {
  return new CommandFailure(EXIT_CODES.usage, `${name} is ${value}, not ${expected}`);
}

function isTrue(text: string): boolean {
  return text.toLowerCase() === 'true';
}
