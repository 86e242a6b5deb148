/** As bench/programs/insert.ts, with @zvec/zvec: acknowledged before the device has it. */
import { readFileSync } from 'node:fs';
import { ZVecCollectionSchema, ZVecCreateAndOpen, ZVecDataType } from '@zvec/zvec';

const { path, vectorPath, dim, batchRows } = JSON.parse(process.argv[2]);
const bytes = readFileSync(vectorPath);
const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const count = values.length / dim;
const batches = [];
for (let start = 0; start < count; start += batchRows) {
  const length = Math.min(batchRows, count - start);
  batches.push(
    Array.from({ length }, (_, i) => ({
      id: String(start + i),
      vectors: { vector: values.subarray((start + i) * dim, (start + i + 1) * dim) },
    })),
  );
}
const schema = new ZVecCollectionSchema({
  name: 'vectors',
  vectors: { name: 'vector', dataType: ZVecDataType.VECTOR_FP32, dimension: dim },
});
const collection = ZVecCreateAndOpen(path, schema);
const started = performance.now();
for (const batch of batches) {
  const bad = collection.insertSync(batch).find(({ ok }) => !ok);
  if (bad !== undefined) throw new Error(bad.message);
}
const elapsedMs = performance.now() - started;
collection.closeSync();
// As peakRssMB of bench/processes.ts.
const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
const rssMB = (kilobytes * 1024) / 1e6;
process.stdout.write(`${JSON.stringify({ elapsedMs, rssMB })}\n`);
