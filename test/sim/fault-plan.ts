/** Which faults a simulated disk has, and when: decided by a seed, one kind of trouble a life. */
import type { SeededRandom } from './seeded-random.ts';
import type { DiskCall, Fault, SimDisk } from './sim-disk.ts';

/** `none`: power losses only. */
export type FaultProfile = 'none' | 'io' | 'sync' | 'space' | 'reads' | 'mixed';

/** A slow sync takes longer than an answer that does not wait for it takes to reach the caller. */
const SYNC_TURNS = 80;

const PROFILES: readonly FaultProfile[] = ['none', 'none', 'io', 'sync', 'space', 'reads', 'mixed'];

export class FaultPlan {
  readonly #random: SeededRandom;
  readonly #profile: FaultProfile;
  readonly #rate: number;
  /** Microtask turns by which calls are delayed; null: none. */
  readonly turns: ((call: DiskCall) => number) | null;
  #isPaused = false;
  #isStopped = false;
  #crashIn: number | null = null;
  #crashing: SimDisk | null = null;
  /** Faults so far. */
  count = 0;

  constructor(random: SeededRandom, profile?: FaultProfile) {
    this.#random = random;
    this.#profile = profile ?? random.pick(PROFILES);
    this.#rate = random.pick([0.003, 0.01, 0.03]);
    this.turns = random.chance(0.5)
      ? null
      : ({ kind }) => (random.chance(0.3) ? random.integer(kind === 'sync' ? SYNC_TURNS : 8) : 0);
  }

  /** The power goes after so many more calls on `disk`. */
  crashAfter(calls: number, disk: SimDisk): void {
    this.#crashIn = calls;
    this.#crashing = disk;
  }

  stop(): void {
    this.#isStopped = true;
  }

  async pause<T>(work: () => Promise<T>): Promise<T> {
    const was = this.#isPaused;
    this.#isPaused = true;
    try {
      return await work();
    } finally {
      this.#isPaused = was;
    }
  }

  ask(call: DiskCall, disk: SimDisk): Fault | null {
    if (this.#crashIn !== null && disk === this.#crashing) {
      this.#crashIn -= 1;
      if (this.#crashIn < 0) {
        this.#crashIn = null;
        disk.crash();
      }
    }
    if (this.#isPaused || this.#isStopped) {
      disk.capacityBytes = Number.POSITIVE_INFINITY;
      return null;
    }
    const fault = this.#decide(call, disk);
    if (fault !== null) this.count += 1;
    return fault;
  }

  #decide(call: DiskCall, disk: SimDisk): Fault | null {
    const random = this.#random;
    const profile =
      this.#profile === 'mixed'
        ? random.pick(['io', 'sync', 'space', 'reads'] as const)
        : this.#profile;
    const { kind } = call;
    switch (profile) {
      case 'space':
        this.#changeSpace(disk);
        return null;
      case 'reads':
        if (kind !== 'read' && kind !== 'open' && kind !== 'stat' && kind !== 'list') return null;
        return random.chance(this.#rate / 2) ? { reason: 'IoFailed' } : null;
      case 'sync':
        if (kind !== 'sync' && kind !== 'syncDirectory') return null;
        if (!random.chance(this.#rate * 3)) return null;
        return {
          reason: 'IoFailed',
          loses: random.chance(0.5),
          ...(random.chance(0.3) ? { applied: 'all' as const } : {}),
        };
      case 'io':
        if (kind === 'read' || kind === 'close' || !random.chance(this.#rate)) return null;
        return this.#brokenCall(call);
      default:
        return null;
    }
  }

  #brokenCall(call: DiskCall): Fault {
    const reason = this.#random.pick([
      'IoFailed',
      'DiskLimitExceeded',
      'StoragePermissionDenied',
    ] as const);
    const isChange = call.kind === 'write' || call.kind === 'rename' || call.kind === 'remove';
    if (!isChange || this.#random.chance(0.4)) return { reason };
    if (call.kind === 'write' && this.#random.chance(0.6)) {
      return { reason, applied: this.#random.integer(600) };
    }
    return { reason, applied: 'all' };
  }

  /** The disk fills up, and after a while somebody makes room. */
  #changeSpace(disk: SimDisk): void {
    const isFull = disk.capacityBytes !== Number.POSITIVE_INFINITY;
    if (isFull) {
      if (this.#random.chance(0.02)) disk.capacityBytes = Number.POSITIVE_INFINITY;
    } else if (this.#random.chance(this.#rate / 2)) {
      disk.capacityBytes = disk.usedBytes + this.#random.integer(3000);
      this.count += 1;
    }
  }
}
