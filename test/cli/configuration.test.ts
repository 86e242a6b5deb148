import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../src/cli/configuration.ts';
import { IDLE_SECTIONS, OTHER_KEYS, USED_KEYS } from '../../src/cli/configuration-keys.ts';
import { CommandFailure } from '../../src/cli/failure.ts';
import { NotYaml, yamlLeaves } from '../../src/cli/yaml-file.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const NOTHING = { flags: {}, environment: {}, file: null };

function fileOf(text: string): string {
  const file = join(temporaryDirectory(), 'milvus.yaml');
  writeFileSync(file, text);
  return file;
}

describe('a configuration', () => {
  it('has Milvus’s defaults', async () => {
    expect(await readConfiguration(NOTHING)).toMatchObject({
      host: '127.0.0.1',
      port: 19_530,
      metricsPort: 9091,
      http: { isEnabled: true, allowsInt64: true, requestTimeoutMs: 30_000 },
      logLevel: 'info',
      warnings: [],
    });
  });

  it('takes flags before the environment, that before the file', async () => {
    const file = fileOf(
      'proxy:\n  port: 1\n  ip: 0.0.0.0\ncommon:\n  metricsPort: 2\nlog: {level: debug}\n',
    );
    const environment = { PROXY_PORT: '3', METRICS_PORT: '4', PROXY_HTTP_REQUESTTIMEOUTMS: '5' };
    const flags = { 'proxy.port': '6' } as const;
    expect(await readConfiguration({ flags, environment, file })).toMatchObject({
      host: '0.0.0.0',
      port: 6,
      metricsPort: 4,
      logLevel: 'debug',
      http: { requestTimeoutMs: 5 },
      effective: { 'proxy.port': '6', 'proxy.ip': '0.0.0.0' },
    });
    expect(await readConfiguration({ ...NOTHING, environment, file })).toMatchObject({ port: 3 });
    const named = { COMMON_METRICSPORT: '7', METRICS_PORT: '4' };
    expect(await readConfiguration({ ...NOTHING, environment: named })).toMatchObject({
      metricsPort: 7,
    });
  });

  it('finds the file in the directory that Milvus’s variable names', async () => {
    const directory = join(temporaryDirectory(), 'configs');
    mkdirSync(directory);
    writeFileSync(join(directory, 'milvus.yaml'), 'proxy: {port: 8}');
    const environment = { MILVUSCONF: directory };
    expect(await readConfiguration({ ...NOTHING, environment })).toMatchObject({ port: 8 });
    expect(await readConfiguration({ ...NOTHING, file: directory })).toMatchObject({ port: 8 });
  });

  it('takes keys without a value for keys that are not there', async () => {
    const text = 'proxy:\n  ip: # any address\n  port:\n  http:\n    enabled:\nlog:\n  level:\n';
    const defaults = await readConfiguration(NOTHING);
    expect(await readConfiguration({ ...NOTHING, file: fileOf(text) })).toEqual(defaults);
  });

  it('warns about what does nothing, and fails for nothing of it', async () => {
    const file = fileOf(
      [
        'etcd: {endpoints: [a, b], rootPath: by-dev}',
        'quotaAndLimits: {limits: {topK: 5}}',
        'proxy: {maxNameLength: 255, maxTaskNum: 7}',
        'proxi: {port: 1}',
      ].join('\n'),
    );
    const { warnings, port } = await readConfiguration({ ...NOTHING, file });
    expect(port).toBe(19_530);
    expect(warnings).toEqual([
      'quotaAndLimits.limits.topK is 16384, not 5: it cannot be changed (hits of a search)',
      'unknown key proxi.port is left out',
      '2 keys of etcd do nothing here',
      'one key of proxy do nothing here',
    ]);
  });

  it('refuses what would promise what is not there', async () => {
    const file = fileOf('common: {security: {authorizationEnabled: true}}');
    await expect(readConfiguration({ ...NOTHING, file })).rejects.toThrow('users and roles');
    const off = fileOf('common: {security: {authorizationEnabled: false, tlsMode: 0}}');
    expect((await readConfiguration({ ...NOTHING, file: off })).warnings).toEqual([]);
    const environment = { COMMON_SECURITY_TLSMODE: '2' };
    await expect(readConfiguration({ ...NOTHING, environment })).rejects.toThrow('TLS');
  });

  it.each([
    ['proxy: {port: many}', 'proxy.port is many, not a port'],
    ['proxy: {port: 70000}', 'not a port from 0 to 65535'],
    ['proxy: {http: {enabled: perhaps}}', 'not true or false'],
    ['log: {level: loud}', 'not a level of the log'],
    ['proxy: {ip: ""}', 'not a text'],
    ['proxy:\n  - {', 'line 2'],
    ['just words', 'no map'],
    [`a: ${'{a: '.repeat(30)}1${'}'.repeat(30)}`, 'more than a configuration has'],
  ])('refuses %j', async (text, words) => {
    const refusal = readConfiguration({ ...NOTHING, file: fileOf(text) });
    await expect(refusal).rejects.toBeInstanceOf(CommandFailure);
    await expect(refusal).rejects.toThrow(words);
  });

  it('refuses a file that is not there', async () => {
    const file = join(temporaryDirectory(), 'none.yaml');
    await expect(readConfiguration({ ...NOTHING, file })).rejects.toThrow('cannot be read');
  });

  it('knows every key once', () => {
    const names = [...Object.keys(USED_KEYS), ...Object.keys(OTHER_KEYS)];
    expect(new Set(names).size).toBe(names.length);
    const sections = new Set(names.map((name) => name.split('.')[0]));
    expect([...sections].filter((name) => !IDLE_SECTIONS.includes(String(name)))).toEqual([]);
  });
});

describe('YAML', () => {
  it('is read as leaves by their path', () => {
    const text =
      'a:\n  b: 1\n  c: [x, 2, null]\n  d: yes\n  e:\n  f: true # why\nb: &x {c: 007}\nd: *x\n';
    expect(Object.fromEntries(yamlLeaves(text))).toEqual({
      'a.b': '1',
      'a.c': 'x,2,',
      'a.d': 'yes',
      'a.f': 'true',
      'b.c': '7',
      'd.c': '7',
    });
    expect(yamlLeaves('').size).toBe(0);
  });

  it('with aliases of aliases is refused before it grows', () => {
    const levels = Array.from({ length: 12 }, (_, i) =>
      i === 0
        ? 'a0: &a0 [1,1,1,1,1,1,1,1,1]'
        : `a${i}: &a${i} [${Array(9)
            .fill(`*a${i - 1}`)
            .join(',')}]`,
    );
    expect(() => yamlLeaves(levels.join('\n'))).toThrow(NotYaml);
  });
});
