/** Memory of a process that has an empty database open and did what every reader does. */
import { loadPackage } from '../package.ts';
import { report, settings } from '../processes.ts';

const { path, dim } = settings() as { path: string; dim: number };
const { MilvusLite, f } = await loadPackage();
const db = await MilvusLite.open(path);
const schema = { id: f.int64({ primary: true }), vector: f.floatVector(dim, { metric: 'IP' }) };
const collection = await db.collection('vectors', { schema });
await collection.search({ data: new Float32Array(dim).fill(1), limit: 10 });
const rssMB = process.memoryUsage.rss() / 1e6;
await db.close();
report({ rssMB });
