/**
 * A program that was just started: from the call of open to the first answer.
 * With --import of record-modules.ts it also says which packages were loaded.
 *
 * Plain JavaScript, so that nothing but the package is at work: stripping types goes on in the background
 * for a while after a program started. Told: { entry, path, query, limit, searches, threads? }.
 */
const { entry, path, query, limit, searches, threads } = JSON.parse(process.argv[2]);
const { MilvusLite } = await import(entry);
const data = Float32Array.from(query);
const started = performance.now();
const db = await MilvusLite.open(path, threads === undefined ? {} : { threads });
const openMs = performance.now() - started;
const collection = await db.collection('vectors');
const hits = await collection.search({ data, limit });
const answerMs = performance.now() - started;
const laterMs = [];
for (let i = 1; i < searches; i++) {
  const began = performance.now();
  await collection.search({ data, limit });
  laterMs.push(performance.now() - began);
}
const rssMB = process.memoryUsage.rss() / 1e6;
const { cleanEnd, replayedRecords } = db.recovery;
await db.close();
const found = {
  openMs,
  answerMs,
  laterMs,
  ids: hits.map(({ id }) => Number(id)),
  rssMB,
  cleanEnd,
  replayedRecords,
  loaded: globalThis.loadedPackages,
};
process.stdout.write(`${JSON.stringify(found)}\n`);
