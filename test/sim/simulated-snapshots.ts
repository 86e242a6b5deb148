/** Snapshots of a simulated engine, in the model too. Nothing may be in flight on their collections. */
import type { CollectionRef } from '../../src/core/references.ts';
import { checkRows, Violation } from './model-check.ts';
import { attempt, type Outcome, type Simulation } from './simulated-engine.ts';

const HOUR_SECONDS = 3600;

/** @param isProtected whether its segments are not compacted for an hour */
export async function createSnapshot(
  sim: Simulation,
  ref: CollectionRef,
  { snapshotName, isProtected = false }: { snapshotName: string; isProtected?: boolean },
): Promise<Outcome> {
  const protectionSeconds = isProtected ? HOUR_SECONDS : 0;
  const request = { ...ref, snapshotName, description: '', protectionSeconds, flush: true };
  return await sim.change(
    `snapshot ${snapshotName}`,
    (catalog) => {
      const collection = catalog.collection(ref.databaseName, ref.collectionName);
      collection.snapshots.set(snapshotName, collection.copy());
    },
    () => sim.service.snapshots.create(request),
  );
}

export async function dropSnapshot(
  sim: Simulation,
  ref: CollectionRef,
  snapshotName: string,
): Promise<Outcome> {
  return await sim.change(
    `drop snapshot ${snapshotName}`,
    (catalog) =>
      catalog.collection(ref.databaseName, ref.collectionName).snapshots.delete(snapshotName),
    () => sim.service.snapshots.drop({ ...ref, snapshotName }),
  );
}

/** Makes a collection of it in the same database, and loads it. */
export async function restoreSnapshot(
  sim: Simulation,
  ref: CollectionRef,
  { snapshotName, targetName }: { snapshotName: string; targetName: string },
): Promise<Outcome> {
  const { databaseName, collectionName } = ref;
  const restored = await sim.change(
    `restore ${snapshotName} as ${targetName}`,
    (catalog) => {
      const held = catalog.collection(databaseName, collectionName).snapshots.get(snapshotName);
      if (held === undefined) throw new Error(`the model has no snapshot ${snapshotName}`);
      catalog.databases.get(databaseName)?.collections.set(targetName, held.copy());
    },
    () => {
      const target = { targetName, targetDatabaseName: databaseName };
      return sim.service.snapshots.restore({ ...ref, snapshotName, ...target });
    },
  );
  const target = { databaseName, collectionName: targetName };
  return restored ?? (await attempt(() => sim.service.loadCollection(target)));
}

/** Restores every snapshot, and compares. @throws Violation */
export async function restoreAll(sim: Simulation): Promise<void> {
  for (const { databaseName, collectionName, collection } of sim.model.catalog.all) {
    for (const [i, snapshotName] of [...collection.snapshots.keys()].entries()) {
      const targetName = `${collectionName}_restored_${i}`;
      const ref = { databaseName, collectionName };
      const outcome = await restoreSnapshot(sim, ref, { snapshotName, targetName });
      if (outcome !== null) throw new Violation(`${snapshotName}: ${outcome.message}`);
      const target = { databaseName, collectionName: targetName };
      const restored = sim.model.catalog.collection(databaseName, targetName);
      await checkRows(target, restored, sim.service);
    }
  }
}
