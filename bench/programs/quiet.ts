/** Opens, writes, reads and closes, and says nothing: ends by itself only when nothing is left open. */
import { loadPackage } from '../package.ts';
import { settings } from '../processes.ts';

const { path } = settings() as { path: string };
const { MilvusLite, f } = await loadPackage();
const db = await MilvusLite.open(path);
const schema = { id: f.int64({ primary: true }), vector: f.floatVector(4) };
const collection = await db.collection('vectors', { schema });
await collection.insert([{ id: 1, vector: [1, 2, 3, 4] }]);
await collection.search({ data: [1, 2, 3, 4], limit: 1 });
await collection.flush();
await db.close();
