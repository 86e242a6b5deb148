/** The official SDKs of Java and Go, unmodified, against a server of ours. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { runServer } from '../server/running-server.ts';
import { cacheFolder, partsOf } from './client-environments.ts';

const CLIENTS = join(import.meta.dirname, 'clients');
const PARTS = [
  'created',
  'inserted',
  'indexed',
  'loaded',
  'searched',
  'queried',
  'upserted',
  'deleted',
  'dropped',
];
const JAVA_PACKAGES = [
  ['io.milvus', 'milvus-sdk-java', '2.6.22'],
  ['org.slf4j', 'slf4j-nop', '2.0.17'],
];
const GO_PACKAGE = 'github.com/milvus-io/milvus/client/v2@v2.6.2';

function requireTool(context: TestContext, tool: string, argument: string): void {
  const isMissing = spawnSync(tool, [argument]).status !== 0;
  context.skip(isMissing, `${tool} is not installed`);
}

/** Runs a step of the preparation; what the registry cannot give skips the test, with its own words. */
function prepare(
  context: TestContext,
  folder: string,
  [tool, ...args]: [string, ...string[]],
): void {
  const { status, stderr, stdout } = spawnSync(tool, args, { cwd: folder, encoding: 'utf8' });
  context.skip(status !== 0, `${tool} could not fetch the SDK: ${stderr.slice(-500)}${stdout}`);
}

/** The class path of the Java SDK, which Maven fetches once. */
function javaPackages(context: TestContext): string {
  const folder = cacheFolder('java-client-2.6.22');
  const done = join(folder, 'done');
  if (!existsSync(done)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'pom.xml'), projectOf(JAVA_PACKAGES));
    const copy = ['dependency:copy-dependencies', '-DoutputDirectory=jars'] as const;
    prepare(context, folder, ['mvn', '-q', '-B', ...copy]);
    writeFileSync(done, '');
  }
  return join(folder, 'jars', '*');
}

function projectOf(packages: readonly (readonly string[])[]): string {
  const dependencies = packages.map(
    ([group, artifact, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>client</groupId><artifactId>client</artifactId><version>1</version>
<dependencies>${dependencies.join('')}</dependencies>
</project>
`;
}

/** The program, built in a module of its own beside the Go SDK. */
function goProgram(context: TestContext): string {
  const folder = cacheFolder('go-client-2.6.2');
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(CLIENTS, 'go_program.go'), join(folder, 'main.go'));
  if (!existsSync(join(folder, 'go.sum'))) {
    if (!existsSync(join(folder, 'go.mod')))
      prepare(context, folder, ['go', 'mod', 'init', 'client']);
    prepare(context, folder, ['go', 'get', GO_PACKAGE]);
    prepare(context, folder, ['go', 'mod', 'tidy']);
  }
  const program = join(folder, process.platform === 'win32' ? 'client.exe' : 'client');
  const built = spawnSync('go', ['build', '-o', program, '.'], { cwd: folder, encoding: 'utf8' });
  expect(built.status, built.stderr).toBe(0);
  return program;
}

it('a collection lives and dies through the Java SDK', async (context) => {
  requireTool(context, 'java', '-version');
  requireTool(context, 'mvn', '-version');
  const classPath = javaPackages(context);
  await using server = await runServer();
  const address = `http://127.0.0.1:${server.port}`;
  const args = ['-cp', classPath, join(CLIENTS, 'JavaProgram.java'), address];
  const { code, parts, errors } = await partsOf('java', args);
  expect({ code, parts }, errors).toEqual({ code: 0, parts: PARTS });
});

it('a collection lives and dies through the Go SDK', async (context) => {
  requireTool(context, 'go', 'version');
  const program = goProgram(context);
  await using server = await runServer();
  const { code, parts, errors } = await partsOf(program, [`127.0.0.1:${server.port}`]);
  expect({ code, parts }, errors).toEqual({ code: 0, parts: PARTS });
});
