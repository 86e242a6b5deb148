/**
 * The command line: flags to commands, errors to exit codes. Commands are loaded when they are called,
 * so that `mlite version` does not wait for a database engine.
 */
import type { Command } from 'commander';
import { MilvusError } from './base/errors.ts';
import type { CommandWords } from './cli/completion.ts';
import type { Flags } from './cli/configuration.ts';
import {
  CommandFailure,
  EXIT_CODES,
  type ExitCode,
  failureLines,
  failureReport,
} from './cli/failure.ts';
import { type OutputStream, Terminal, jsonText } from './cli/terminal.ts';

/** The world around a command. */
export interface CommandWorld {
  readonly output: OutputStream;
  readonly errors: OutputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const processWorld: CommandWorld = {
  output: process.stdout,
  errors: process.stderr,
  environment: process.env,
};

/** Of a server that is not told which. */
const DEFAULT_DATABASE = './milvus.db';
const PORT_MAX = 65_535;

/** What every command gets beside its own arguments. */
interface CommandContext {
  readonly terminal: Terminal;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
}

interface GlobalFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

/** One run of the command: who is running what on which path, and how it ended. */
class Run {
  readonly world: CommandWorld;
  readonly signal: AbortSignal;
  path: string | null = null;
  exitCode: ExitCode = EXIT_CODES.ok;
  /** Nobody reads the output any more, as behind `| head`: the command ends early, and that is no failure. */
  isUnread = false;
  /** Some of the output could not be written: the command ends early, and that is a failure. */
  isCut = false;
  /** The command ran until it was interrupted, as it was meant to. */
  isStopped = false;
  #flags: GlobalFlags;

  /** @param isJson the arguments ask for JSON, which counts also where they are wrong otherwise */
  constructor(world: CommandWorld, signal: AbortSignal, isJson: boolean) {
    this.world = world;
    this.signal = signal;
    this.#flags = { json: isJson };
  }

  get isJson(): boolean {
    return this.#flags.json === true;
  }

  /** Keeps the flags of the command that was found, and gives it its terminal. */
  context(command: Command): CommandContext {
    this.#flags = command.optsWithGlobals<GlobalFlags>();
    return { terminal: this.terminal(), signal: this.signal };
  }

  terminal(): Terminal {
    const { output, errors, environment } = this.world;
    const { json = false, quiet = false, color = true } = this.#flags;
    const hasColor = color && (environment['NO_COLOR'] ?? '') === '';
    return new Terminal({ output, errors, isJson: json, isQuiet: quiet, hasColor });
  }
}

/**
 * Runs `mlite` with these arguments.
 * @returns the exit code: 0 ok, 1 failure, 2 usage, 3 not found, 4 locked, 5 corrupt, 130 interrupted
 */
export async function runCommandLine(
  args: readonly string[],
  world: CommandWorld = processWorld,
): Promise<ExitCode> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const run = new Run(world, interruption.signal, args.includes('--json'));
  // Never taken off: a stream may say it after the command has ended.
  world.output.on?.('error', (error) => {
    if ('code' in error && error.code === 'EPIPE') run.isUnread = true;
    else if (!run.isCut) process.exitCode = reportCut(error, run);
    interruption.abort();
  });
  // There is nobody left to tell.
  world.errors.on?.('error', () => undefined);
  try {
    const program = await createProgram(run);
    await program.parseAsync([...args], { from: 'user' });
    if (run.isCut) return EXIT_CODES.failure;
    const isInterrupted = run.signal.aborted && !run.isUnread && !run.isStopped;
    return isInterrupted ? EXIT_CODES.interrupted : run.exitCode;
  } catch (error) {
    return reportFailure(error, run);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function createProgram(run: Run): Promise<Command> {
  const { Command: CommandClass } = await import('commander');
  const { packageVersion } = await import('./cli/version.ts');
  const program = new CommandClass('mlite')
    .description('The vector database in your Node process, from the outside.')
    .version(await packageVersion(), '--version', 'print the version')
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'print errors only')
    .option('--no-color', 'print no colours')
    .showHelpAfterError('Run mlite --help for the commands.')
    .configureOutput({
      writeOut: (text) => run.world.output.write(text),
      // With JSON the complaint is the report of the failure.
      writeErr: (text) => (run.isJson ? undefined : run.world.errors.write(text)),
    })
    .exitOverride();
  addDemo(program, run);
  addServe(program, run);
  addInspect(program, run);
  addExplain(program, run);
  addVerify(program, run);
  addDoctor(program, run);
  addVersion(program, run);
  addCompletion(program, run);
  return program;
}

function addDemo(program: Command, run: Run): void {
  program
    .command('demo')
    .description('store 5,000 real rows and answer questions about them')
    .option('--dir <path>', 'keep the database here; default: a temporary directory')
    .option('--crash', 'kill a writing process instead, and count what is there afterwards')
    .option('--rounds <count>', 'with --crash: how often to kill', '1')
    .action(
      async (options: { dir?: string; crash?: boolean; rounds: string }, command: Command) => {
        const context = run.context(command);
        run.path = options.dir ?? null;
        if (options.crash === true) {
          const { runCrashDemo } = await import('./cli/crash-demo.ts');
          const rounds = requireCount('--rounds', options.rounds);
          const report = await runCrashDemo({ ...context, directory: run.path, rounds });
          if (!report.isIntact) run.exitCode = EXIT_CODES.failure;
        } else {
          const { runDemo } = await import('./cli/demo.ts');
          await runDemo({ ...context, directory: run.path });
        }
      },
    );
  program
    .command('crash-writer <path> <first-batch>', { hidden: true })
    .action(async (path: string, firstBatch: string) => {
      const { runCrashWriter } = await import('./cli/crash-writer.ts');
      await runCrashWriter(path, Number(firstBatch));
    });
}

function addServe(program: Command, run: Run): void {
  program
    .command('serve [path]')
    .description('serve a database to the clients of Milvus')
    .option('--host <address>', 'listen here; default: 127.0.0.1')
    .option('--port <number>', 'gRPC and HTTP; 0: any that is free; default: 19530')
    .option('--metrics-port <number>', 'health and metrics; 0: any that is free; default: 9091')
    .option('--log-level <level>', 'debug, info, warn or error; default: info')
    .option('--import-dir <path>', 'directory that imports may read; default: no imports')
    .option('--config <file>', "Milvus's milvus.yaml, or its directory")
    .action(async (path: string | undefined, options: ServeFlags, command: Command) => {
      const context = run.context(command);
      run.path = path ?? DEFAULT_DATABASE;
      const { readConfiguration } = await import('./cli/configuration.ts');
      const { runServe } = await import('./cli/serve.ts');
      const configuration = await readConfiguration({
        flags: keysOfFlags(options),
        environment: run.world.environment,
        file: options.config ?? null,
      });
      await runServe({ ...context, path: run.path, configuration });
      // Whoever stops a server asked for just that.
      run.isStopped = true;
    });
}

interface ServeFlags {
  readonly host?: string;
  readonly port?: string;
  readonly metricsPort?: string;
  readonly logLevel?: string;
  readonly importDir?: string;
  readonly config?: string;
}

/** Those that were given, as the keys of the configuration that they stand for. */
function keysOfFlags(flags: ServeFlags): Flags {
  const { host, port, metricsPort, importDir, logLevel } = flags;
  return {
    ...(host === undefined ? {} : { 'proxy.ip': host }),
    ...(port === undefined ? {} : { 'proxy.port': requirePort('--port', port) }),
    ...(metricsPort === undefined
      ? {}
      : { 'common.metricsPort': requirePort('--metrics-port', metricsPort) }),
    ...(importDir === undefined ? {} : { 'localStorage.path': importDir }),
    ...(logLevel === undefined ? {} : { 'log.level': logLevel }),
  };
}

function addInspect(program: Command, run: Run): void {
  program
    .command('inspect <path>')
    .description('show what a database holds: collections, segments, log')
    .action(async (path: string, _options: object, command: Command) => {
      const context = run.context(command);
      run.path = path;
      const { runInspect } = await import('./cli/inspect.ts');
      await runInspect({ ...context, path });
    });
}

function addExplain(program: Command, run: Run): void {
  program
    .command('explain <path> <collection> <filter>')
    .description('show what a filter does: its conditions, what each excludes, rows and time')
    .action(async (...given: [string, string, string, object, Command]) => {
      const [path, collection, filter, , command] = given;
      const context = run.context(command);
      run.path = path;
      const { runExplain } = await import('./cli/explain.ts');
      await runExplain({ ...context, path, collection, filter });
    });
}

function addVerify(program: Command, run: Run): void {
  program
    .command('verify <path>')
    .description('check every checksum and every reference; changes nothing')
    .action(async (path: string, _options: object, command: Command) => {
      const context = run.context(command);
      run.path = path;
      const { runVerify } = await import('./cli/verify.ts');
      const report = await runVerify({ ...context, path });
      if (report.problems.length > 0) run.exitCode = EXIT_CODES.corrupt;
    });
}

function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor [path]')
    .description('check this machine, and who has a database open')
    .action(async (path: string | undefined, _options: object, command: Command) => {
      const context = run.context(command);
      run.path = path ?? null;
      const { runDoctor } = await import('./cli/doctor.ts');
      const report = await runDoctor({ ...context, path: run.path });
      if (report.checks.some((check) => check.state === 'failed'))
        run.exitCode = EXIT_CODES.failure;
    });
}

function addVersion(program: Command, run: Run): void {
  program
    .command('version')
    .description('print the version of mlite, of its file format and of Node.js')
    .action(async (_options: object, command: Command) => {
      const context = run.context(command);
      const { runVersion } = await import('./cli/version.ts');
      await runVersion(context);
    });
}

function addCompletion(program: Command, run: Run): void {
  program
    .command('completion <shell>')
    .description('print a completion script for bash, zsh or fish')
    .action(async (shell: string, _options: object, command: Command) => {
      const { terminal } = run.context(command);
      const { completionScript } = await import('./cli/completion.ts');
      terminal.raw(completionScript(shell, commandWords(program)));
    });
}

/** The commands there are, but for hidden ones, which have no description. */
function commandWords(program: Command): CommandWords[] {
  const shown = program.commands.filter((command) => command.description() !== '');
  return shown.map((command) => ({
    name: command.name(),
    description: command.description(),
    flags: [...command.options, ...program.options].map((option) => ({
      name: option.long ?? option.flags,
      description: option.description,
    })),
    takesPath: command.registeredArguments.some((argument) => argument.name() === 'path'),
  }));
}

function requireCount(flag: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new CommandFailure(
    EXIT_CODES.usage,
    `${flag} is ${text}, not a whole number of at least 1`,
  );
}

function requirePort(flag: string, text: string): string {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= PORT_MAX) return text;
  throw new CommandFailure(
    EXIT_CODES.usage,
    `${flag} is ${text}, not a port from 0 to ${PORT_MAX}`,
  );
}

function reportFailure(error: unknown, run: Run): ExitCode {
  const isCancelled = error instanceof MilvusError && error.reason === 'Cancelled';
  if (run.isCut) return EXIT_CODES.failure;
  if (run.signal.aborted && (isCancelled || isAbort(error))) {
    return run.isUnread ? EXIT_CODES.ok : EXIT_CODES.interrupted;
  }
  if (isUsageError(error)) {
    if (error.exitCode === 0) return EXIT_CODES.ok;
    if (!run.isJson) return EXIT_CODES.usage;
  }
  return reportTo(run, isUsageError(error) ? usageFailure(error) : error);
}

function reportTo(run: Run, error: unknown): ExitCode {
  const report = failureReport(error, run.path);
  const terminal = run.terminal();
  terminal.error(terminal.isJson ? jsonText({ error: report }) : failureLines(report).join('\n'));
  return report.exitCode;
}

/** Said where errors go, once; it may be said after the command has ended. */
function reportCut(error: Error, run: Run): ExitCode {
  run.isCut = true;
  const cut = new CommandFailure(EXIT_CODES.failure, 'the output was cut off', null);
  cut.cause = error;
  return reportTo(run, cut);
}

/** What commander throws after it printed help or a complaint. */
function isUsageError(error: unknown): error is Error & { readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

/** The complaint of commander as an error of ours, without the words it puts around it. */
function usageFailure(error: Error): CommandFailure {
  const isMissing = 'code' in error && error.code === 'commander.help';
  const what = isMissing ? 'no command was given' : error.message.replace(/^error: /, '');
  return new CommandFailure(EXIT_CODES.usage, what, 'see the commands: mlite --help');
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
