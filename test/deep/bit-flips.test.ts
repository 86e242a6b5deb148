/**
 * One bit of a database is wrong, 2,000 times: every kind of file, after a clean end and after an unclean
 * one. Each time the damage is refused with its place, or reported by `mlite verify`, or no answer changes.
 * Only the last blocks of a log that was not closed may be cut, and the recovery report says so.
 *
 * An answer that differs is wrong even where verify would have known: whoever reads has not asked it. And
 * what reads refuse, verify has to report as well; that is tried for some of them.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { runVerify, type VerifyReport } from '../../src/cli/verify.ts';
import { type Database, openDatabase } from '../../src/core/open.ts';
import { BLOCK_HEADER_BYTES, BlockDecoder } from '../../src/wal/block.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { answersOf, buildClean, buildUnclean, LAST, LAST_IDS } from './flip-originals.ts';

const SEED = Number(process.env['BIT_FLIP_SEED'] ?? 20_260_817);

/** In memory, where there is such a place: no flip depends on what a device does. */
const FAST_DISK = '/dev/shm';

/** Files of a database by name, as they were before any flip. */
type Files = ReadonlyMap<string, Buffer>;

interface Kind {
  readonly name: string;
  readonly files: RegExp;
  readonly flips: number;
}

const CLEAN_KINDS: readonly Kind[] = [
  { name: 'log', files: /^wal\//, flips: 250 },
  { name: 'manifest', files: /^manifests\//, flips: 200 },
  { name: 'columns', files: /\.cols\.arrow$/, flips: 200 },
  { name: 'vectors', files: /\.vec-\d+\.arrow$/, flips: 200 },
  { name: 'keys', files: /\.keys$/, flips: 150 },
  { name: 'descriptor', files: /^segments\/\d+\.json$/, flips: 150 },
  { name: 'deletes', files: /\.del-\d+$/, flips: 100 },
  { name: 'metadata', files: /^meta\.sqlite$/, flips: 250 },
];

const UNCLEAN_KINDS: readonly Kind[] = [
  { name: 'log', files: /^wal\//, flips: 300 },
  { name: 'metadata', files: /^meta\.sqlite$/, flips: 80 },
  { name: 'metadata, WAL', files: /^meta\.sqlite-wal$/, flips: 40 },
  { name: 'metadata, index of WAL', files: /^meta\.sqlite-shm$/, flips: 20 },
  { name: 'lock', files: /^lock\./, flips: 30 },
  { name: 'pin', files: /^pins\//, flips: 30 },
];

/** A database that every flip starts from. */
interface Original {
  readonly name: string;
  readonly files: Files;
  readonly kinds: readonly Kind[];
  readonly answers: string;
  /** Answers without the log from a block on that nothing proves durable, by the place of that block. */
  readonly tail: { readonly file: string; readonly cuts: ReadonlyMap<number, string> } | null;
}

interface Flip {
  readonly file: string;
  readonly offset: number;
  readonly bit: number;
}

type Outcome = 'detected' | 'harmless' | 'cut';

// ── The originals ──────────────────────────────────────────────────────────────────────────────────

function readFiles(directory: string): Map<string, Buffer> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(path.join(directory, name)).isFile());
  return new Map(files.sort().map((name) => [name, readFileSync(path.join(directory, name))]));
}

/** The last log file, and where the blocks begin that nothing proves durable. */
function openTail(files: Files): { file: string; offsets: number[] } {
  const file = [...files.keys()].findLast((name) => name.startsWith('wal/')) ?? '';
  const bytes = files.get(file) ?? Buffer.alloc(0);
  const decoder = new BlockDecoder(Uint8Array.from(bytes), file);
  const blocks: Array<{ offset: number; sequence: number; durable: number }> = [];
  for (let offset = 0; offset < bytes.length; ) {
    const header = decoder.header(offset);
    if (typeof header === 'string') throw new Error(`${file}: ${header}`);
    blocks.push({ offset, sequence: header.sequence, durable: header.durable });
    offset += BLOCK_HEADER_BYTES + header.bodyBytes;
  }
  const durable = blocks.at(-1)?.durable ?? 0;
  const last = blocks.filter(({ sequence }) => sequence >= durable);
  return { file, offsets: last.map(({ offset }) => offset) };
}

/** Answers when the log ends at each block of its open tail; each lacks the last of the last writes. */
async function cutsOf(stage: Stage, files: Files): Promise<NonNullable<Original['tail']>> {
  const { file, offsets } = openTail(files);
  const cuts = new Map<number, string>();
  for (const offset of offsets) {
    stage.restore();
    writeFileSync(path.join(stage.directory, file), files.get(file)?.subarray(0, offset) ?? '');
    const db = await openDatabase(stage.directory, { threads: 1 });
    const { rows } = await db.service.query({ ...LAST, filter: 'id >= 200' });
    const left = rows.map((row) => Number(row['id']));
    expect(left).toEqual(LAST_IDS.slice(0, left.length));
    expect(left.length).toBeLessThan(LAST_IDS.length);
    cuts.set(offset, await answersOf(db.service));
    await db.close();
  }
  return { file, cuts };
}

// ── One flip ───────────────────────────────────────────────────────────────────────────────────────

/** The directory in which flips are tried; between two of them only what has changed is written back. */
class Stage {
  readonly directory: string;
  readonly #files: Files;
  #flipped: string | null = null;

  constructor(directory: string, files: Files) {
    this.directory = directory;
    this.#files = files;
  }

  restore(): void {
    const { directory } = this;
    if (existsSync(directory)) {
      for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
        const isFile = statSync(path.join(directory, name)).isFile();
        if (isFile && !this.#files.has(name)) rmSync(path.join(directory, name));
      }
    }
    for (const [name, bytes] of this.#files) {
      const file = path.join(directory, name);
      const isImmutable = /^(segments|manifests)\//.test(name) && name !== this.#flipped;
      if (isImmutable && existsSync(file)) continue;
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    this.#flipped = null;
  }

  flip({ file, offset, bit }: Flip): void {
    const bytes = Buffer.from(this.#files.get(file) ?? []);
    bytes[offset] = (bytes[offset] ?? 0) ^ (1 << bit);
    writeFileSync(path.join(this.directory, file), bytes);
    this.#flipped = file;
  }
}

const NOWHERE = { write: () => undefined };
const SILENT = new Terminal({
  output: NOWHERE,
  errors: NOWHERE,
  isJson: false,
  isQuiet: true,
  hasColor: false,
});

interface Opened {
  readonly answers: string;
  readonly cutBytes: number;
}

/** What an opening and all reads gave, or the refusal. */
async function readAll(directory: string, readOnly: boolean): Promise<Opened | MilvusError> {
  let db: Database | null = null;
  try {
    // Nothing here outlives the process, so nothing waits for the device.
    db = await openDatabase(directory, { readOnly, threads: 1, durability: 'os' });
    return { answers: await answersOf(db.service), cutBytes: db.recovery.cutBytes };
  } catch (failure) {
    if (failure instanceof MilvusError) return failure;
    throw failure;
  } finally {
    await db?.close().catch((failure: unknown) => {
      if (!(failure instanceof MilvusError)) throw failure;
    });
  }
}

/** A refusal says where: a key, a file with an offset, a position, or a file in its text. */
function hasPlace({ message, fields }: MilvusError): boolean {
  return ['key', 'file', 'path', 'position'].some(
    (name) => name in fields || message.includes(`[${name}=`),
  );
}

/** @throws Error when a flip went unnoticed, or was noticed in a way that helps nobody */
async function tryFlip(
  original: Original,
  stage: Stage,
  flip: Flip,
  how: { readonly readOnly: boolean; readonly isVerified: boolean },
): Promise<Outcome> {
  stage.restore();
  stage.flip(flip);
  const opened = await readAll(stage.directory, how.readOnly);
  if (opened instanceof MilvusError) {
    if (!hasPlace(opened)) throw new Error(`refused without a place: ${opened.message}`);
    if (how.isVerified && (await verifyFlip(stage, flip)).isIntact) {
      throw new Error(`verify does not see what reads refuse: ${opened.message}`);
    }
    return 'detected';
  }
  const isSame = opened.answers === original.answers;
  if (!isSame && opened.cutBytes === 0) throw new Error('answers differ');
  if (!isSame) await checkStaysCut(original, stage, { flip, opened });
  const report = await verifyFlip(stage, flip);
  if (isSame) return report.isIntact ? 'harmless' : 'detected';
  expect(report.problems).toEqual([]);
  expect(report.cutBytes).toBeGreaterThan(0);
  return 'cut';
}

/** Verify on the same flip, as it was before anything was opened. */
async function verifyFlip(stage: Stage, flip: Flip): Promise<VerifyReport> {
  stage.restore();
  stage.flip(flip);
  const { signal } = new AbortController();
  return await runVerify({ terminal: SILENT, signal, path: stage.directory });
}

/** Only blocks that nothing proves durable are gone, from the flip on, and they stay gone. */
async function checkStaysCut(
  { tail }: Original,
  stage: Stage,
  { flip, opened }: { flip: Flip; opened: Opened },
): Promise<void> {
  if (tail?.file !== flip.file) throw new Error('a log was cut that has no open tail');
  const offset = [...tail.cuts.keys()].findLast((one) => one <= flip.offset);
  if (offset === undefined) throw new Error('durable blocks were cut');
  expect(opened.answers).toBe(tail.cuts.get(offset));
  const again = await readAll(stage.directory, false);
  expect(again).toMatchObject({ answers: opened.answers });
}

function chooseFlip(files: Files, kind: Kind, random: SeededRandom): Flip {
  const names = [...files].filter(([name, bytes]) => kind.files.test(name) && bytes.length > 0);
  const [file, bytes] = random.pick(names);
  return { file, offset: random.integer(bytes.length), bit: random.integer(8) };
}

async function tryKind(
  original: Original,
  stage: Stage,
  kind: Kind,
  random: SeededRandom,
): Promise<Record<Outcome, number>> {
  const counts = { detected: 0, harmless: 0, cut: 0 };
  for (let i = 0; i < kind.flips; i++) {
    const flip = chooseFlip(original.files, kind, random);
    const how = { readOnly: random.chance(0.2), isVerified: random.chance(0.2) };
    try {
      counts[await tryFlip(original, stage, flip, how)]++;
    } catch (cause) {
      const mode = how.readOnly ? 'read-only' : 'for writing';
      const where = `${original.name}, ${flip.file}, byte ${flip.offset}, bit ${flip.bit}, ${mode}`;
      throw new Error(`seed ${SEED}: ${where}: ${String(cause)}`, { cause });
    }
  }
  return counts;
}

it('notices every wrong bit that matters', async () => {
  const directory = mkdtempSync(path.join(existsSync(FAST_DISK) ? FAST_DISK : tmpdir(), 'flips-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const place = (name: string): string => path.join(directory, name);
  const random = new SeededRandom(SEED);

  const cleanAnswers = await buildClean(place('clean'));
  const cleanFiles = readFiles(place('clean'));
  const uncleanAnswers = await buildUnclean(place('live'), place('unclean'));
  const uncleanFiles = readFiles(place('unclean'));
  const cleanStage = new Stage(place('clean'), cleanFiles);
  const uncleanStage = new Stage(place('unclean'), uncleanFiles);
  const tail = await cutsOf(uncleanStage, uncleanFiles);
  const originals: ReadonlyArray<readonly [Original, Stage]> = [
    [
      { name: 'clean', files: cleanFiles, kinds: CLEAN_KINDS, answers: cleanAnswers, tail: null },
      cleanStage,
    ],
    [
      { name: 'unclean', files: uncleanFiles, kinds: UNCLEAN_KINDS, answers: uncleanAnswers, tail },
      uncleanStage,
    ],
  ];

  const table: string[] = ['end      kind                     flips  detected  harmless  cut'];
  let flips = 0;
  let cuts = 0;
  for (const [original, stage] of originals) {
    stage.restore();
    expect(await readAll(stage.directory, false)).toEqual({
      answers: original.answers,
      cutBytes: 0,
    });
    for (const kind of original.kinds) {
      const counts = await tryKind(original, stage, kind, random);
      const { detected, harmless, cut } = counts;
      const cells = [kind.flips, detected, harmless, cut].map((cell) => String(cell).padStart(7));
      table.push(`${original.name.padEnd(8)} ${kind.name.padEnd(23)}${cells.join('  ')}`);
      flips += kind.flips;
      cuts += cut;
    }
  }
  console.info(`seed ${SEED}\n${table.join('\n')}`);
  expect(flips).toBe(2000);
  expect(cuts).toBeGreaterThan(0);
});
