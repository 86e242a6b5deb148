/** Runs the service until it is told to stop; what was answered is durable. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { MilvusLite } from 'milvus-lite';
import { createService } from './service.ts';

const db = await MilvusLite.open(process.argv[2] ?? './notes.db');
const app = await createService(db);
const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
await once(server, 'listening');
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => void db.close());
  });
}
