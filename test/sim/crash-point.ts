/**
 * What a power loss can leave of a SimDisk.
 *
 * A CrashPoint is frozen at one moment: the durable image and, in order, every change that is not yet
 * durable. Each change is then lost, kept or torn on its own, which gives a CrashState:
 *
 *   for (const state of point.states()) {
 *     if (seen.has(state.hash)) continue;
 *     const disk = new SimDisk({ image: state.image });   // cheap: contents are shared, copied on write
 *     … recover on `disk` and check the promises; state.label says what happened …
 *   }
 *
 * states()       none, all, each change alone lost, each alone kept, every prefix; every un-synced write torn at
 *                512 B and at 4 KiB (first sectors, last sectors, every other one) or with its length but
 *                zeros for data, on top of the changes before it and of all others. Distinct by hash.
 * random(random) any combination of the above, decided by a seed.
 * lost()         nothing that was not durable;  kept(): everything, as after SIGKILL.
 */
import { createHash } from 'node:crypto';
import type { SeededRandom } from './seeded-random.ts';

/** Bytes of a file; never changed once made. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly byteLength: number;
}

export interface DiskImage {
  readonly files: ReadonlyMap<string, Content>;
  readonly directories: ReadonlySet<string>;
}

export type DataChange =
  | {
      readonly kind: 'write';
      readonly number: number;
      readonly file: number;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: 'truncate';
      readonly number: number;
      readonly file: number;
      readonly byteLength: number;
    };

export type NameChange =
  | {
      readonly kind: 'create' | 'remove';
      readonly number: number;
      readonly file: number;
      readonly path: string;
    }
  | {
      readonly kind: 'rename';
      readonly number: number;
      readonly file: number;
      readonly path: string;
      readonly to: string;
    };

export type Change = DataChange | NameChange;

/** What becomes of one change. A torn write keeps some sectors; `grows` says that the file's length shows all of it. */
export type Outcome =
  | 'lost'
  | 'kept'
  | {
      readonly name: string;
      readonly sectorBytes: number;
      readonly grows: boolean;
      readonly keeps: (sector: number, sectorCount: number) => boolean;
    };

export interface CrashState {
  /** What happened to which change. */
  readonly label: string;
  /** Of names and contents: equal hashes, equal images. */
  readonly hash: string;
  readonly image: DiskImage;
}

class State implements CrashState {
  readonly label: string;
  readonly image: DiskImage;
  #hash: string | null = null;

  constructor(label: string, image: DiskImage) {
    this.label = label;
    this.image = image;
  }

  get hash(): string {
    this.#hash ??= hashImage(this.image.files);
    return this.#hash;
  }
}

export interface CrashPointParts {
  readonly directories: ReadonlySet<string>;
  /** Durable names, and the file behind each. */
  readonly names: ReadonlyMap<string, number>;
  /** Durable contents by file. */
  readonly contents: ReadonlyMap<number, Content>;
  /** Ascending by number. */
  readonly changes: readonly Change[];
}

const first = (sector: number, count: number): boolean => sector < Math.ceil(count / 2);
const rest = (sector: number, count: number): boolean => !first(sector, count) || count === 1;

const TORN: readonly Exclude<Outcome, string>[] = [512, 4096].flatMap((sectorBytes) => [
  { name: `first sectors of ${sectorBytes}`, sectorBytes, grows: false, keeps: first },
  { name: `first sectors of ${sectorBytes}, full length`, sectorBytes, grows: true, keeps: first },
  { name: `last sectors of ${sectorBytes}`, sectorBytes, grows: true, keeps: rest },
  {
    name: `all but sector 0 of ${sectorBytes}`,
    sectorBytes,
    grows: true,
    keeps: (sector: number) => sector > 0,
  },
  {
    name: `even sectors of ${sectorBytes}`,
    sectorBytes,
    grows: true,
    keeps: (sector: number) => sector % 2 === 0,
  },
]);
const ZEROS: Outcome = {
  name: 'length without data',
  sectorBytes: 4096,
  grows: true,
  keeps: () => false,
};

export class CrashPoint {
  readonly #parts: CrashPointParts;

  constructor(parts: CrashPointParts) {
    this.#parts = parts;
  }

  get changes(): readonly Change[] {
    return this.#parts.changes;
  }

  lost(): CrashState {
    return this.state('nothing kept', () => 'lost');
  }

  kept(): CrashState {
    return this.state('everything kept', () => 'kept');
  }

  random(random: SeededRandom): CrashState {
    const outcomes = this.changes.map((change): Outcome => {
      if (change.kind !== 'write') return random.chance(0.5) ? 'kept' : 'lost';
      const roll = random.next();
      if (roll < 0.4) return 'kept';
      if (roll < 0.65) return 'lost';
      if (roll < 0.7) return ZEROS;
      const seed = random.integer(0x7fffffff);
      return {
        name: `random sectors ${seed}`,
        sectorBytes: random.pick([512, 4096]),
        grows: random.chance(0.5),
        keeps: (sector) => ((seed ^ Math.imul(sector + 1, 0x9e3779b1)) >>> 13) % 2 === 0,
      };
    });
    return this.state('random', (i) => outcomes[i] as Outcome);
  }

  *states(): Generator<CrashState> {
    const seen = new Set<string>();
    for (const [label, outcomeOf] of this.#choices()) {
      const state = this.state(label, outcomeOf);
      if (seen.has(state.hash)) continue;
      seen.add(state.hash);
      yield state;
    }
  }

  /** The state in which change i has outcome `outcomeOf(i)`. */
  state(label: string, outcomeOf: (index: number) => Outcome): CrashState {
    const { changes, contents, directories } = this.#parts;
    const names = new Map(this.#parts.names);
    const written = new Map<number, Array<[DataChange, Outcome]>>();
    for (const [i, change] of changes.entries()) {
      const outcome = outcomeOf(i);
      if (outcome === 'lost') continue;
      if (change.kind !== 'write' && change.kind !== 'truncate') applyName(names, change);
      else {
        const list = written.get(change.file) ?? [];
        list.push([change, outcome]);
        written.set(change.file, list);
      }
    }
    const files = new Map<string, Content>();
    const made = new Map<number, Content>();
    for (const [path, file] of names) {
      const content =
        made.get(file) ?? applyData(contents.get(file) ?? EMPTY, written.get(file) ?? []);
      made.set(file, content);
      files.set(path, content);
    }
    return new State(label, { files, directories });
  }

  *#choices(): Generator<[string, (index: number) => Outcome]> {
    const count = this.changes.length;
    yield ['nothing kept', () => 'lost'];
    yield ['everything kept', () => 'kept'];
    for (let i = 0; i < count; i++) {
      const name = describe(this.changes[i] as Change);
      yield [`only ${name} lost`, (k) => (k === i ? 'lost' : 'kept')];
      yield [`only ${name} kept`, (k) => (k === i ? 'kept' : 'lost')];
      yield [`everything before ${name} kept`, (k) => (k < i ? 'kept' : 'lost')];
      if (this.changes[i]?.kind !== 'write') continue;
      for (const torn of [...TORN, ZEROS]) {
        const label = `${name} torn: ${typeof torn === 'string' ? torn : torn.name}`;
        yield [`${label}, nothing behind it`, (k) => (k === i ? torn : k < i ? 'kept' : 'lost')];
        yield [`${label}, everything else kept`, (k) => (k === i ? torn : 'kept')];
      }
    }
  }
}

const EMPTY: Content = { bytes: new Uint8Array(0), byteLength: 0 };

/** Applies a change of names to a map from paths to files, as a directory would. */
export function applyName(names: Map<string, number>, change: NameChange): void {
  if (change.kind === 'create') names.set(change.path, change.file);
  else {
    if (names.get(change.path) === change.file) names.delete(change.path);
    if (change.kind === 'rename') names.set(change.to, change.file);
  }
}

/** A content with changes applied in order; itself when there are none. */
export function applyData(
  content: Content,
  changes: ReadonlyArray<readonly [DataChange, Outcome]>,
): Content {
  if (changes.length === 0) return content;
  let bytes: Uint8Array = content.bytes.slice(0, content.byteLength);
  for (const [change, outcome] of changes) {
    if (change.kind === 'truncate') bytes = resized(bytes, change.byteLength);
    else bytes = applyWrite(bytes, change, outcome);
  }
  return { bytes, byteLength: bytes.length };
}

function applyWrite(
  before: Uint8Array,
  write: Extract<DataChange, { kind: 'write' }>,
  outcome: Outcome,
): Uint8Array {
  const end = write.offset + write.bytes.length;
  const full = resized(before, Math.max(before.length, end));
  if (typeof outcome === 'string') {
    full.set(write.bytes, write.offset);
    return full;
  }
  const { sectorBytes, keeps, grows } = outcome;
  const start = Math.floor(write.offset / sectorBytes);
  const count = Math.ceil(end / sectorBytes) - start;
  let keptEnd = before.length;
  for (let sector = 0; sector < count; sector++) {
    if (!keeps(sector, count)) continue;
    const from = Math.max(write.offset, (start + sector) * sectorBytes);
    const to = Math.min(end, (start + sector + 1) * sectorBytes);
    full.set(write.bytes.subarray(from - write.offset, to - write.offset), from);
    keptEnd = Math.max(keptEnd, to);
  }
  return grows ? full : full.slice(0, keptEnd);
}

function resized(bytes: Uint8Array, byteLength: number): Uint8Array {
  if (byteLength <= bytes.length) return bytes.slice(0, byteLength);
  const grown = new Uint8Array(byteLength);
  grown.set(bytes);
  return grown;
}

const digests = new WeakMap<Content, string>();

/** SHA-1 of the bytes, computed once. */
export function digest(content: Content): string {
  let known = digests.get(content);
  if (known === undefined) {
    known = createHash('sha1')
      .update(content.bytes.subarray(0, content.byteLength))
      .digest('base64');
    digests.set(content, known);
  }
  return known;
}

/** Hash of names and contents, whatever their order. */
export function hashImage(files: ReadonlyMap<string, Content>): string {
  const hash = createHash('sha1');
  for (const path of [...files.keys()].sort()) {
    const content = files.get(path) as Content;
    hash.update(`${path}\0${content.byteLength}\0${digest(content)}\0`);
  }
  return hash.digest('base64');
}

function describe(change: Change): string {
  if (change.kind === 'write') {
    return `#${change.number} write ${change.bytes.length} at ${change.offset}`;
  }
  if (change.kind === 'truncate') return `#${change.number} truncate to ${change.byteLength}`;
  return `#${change.number} ${change.kind} ${change.path}`;
}
