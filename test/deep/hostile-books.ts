/** The collection that hostile requests are about: small, loaded, and made again when one of them dropped it. */
import type { TestServer } from '../server/running-server.ts';

export async function createBooks({ service }: TestServer): Promise<void> {
  if (await service.hasCollection({ databaseName: '', collectionName: 'books' })) return;
  await service.createCollection('', {
    name: 'books',
    enableDynamicField: true,
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'tag', type: 'VarChar', maxLength: 9, nullable: true },
      { name: 'v', type: 'FloatVector', dim: 2 },
    ],
  });
  const books = { databaseName: '', collectionName: 'books' };
  await service.insert({ ...books, rows: [{ id: 1, tag: 'a', v: [1, 2] }] });
  await service.createIndex({
    ...books,
    fieldName: 'v',
    indexName: '',
    params: { index_type: 'FLAT', metric_type: 'L2' },
  });
  await service.loadCollection(books);
}
