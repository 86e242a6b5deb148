/** Calls about databases. */
import { MilvusError } from '../base/errors.ts';
import type { Service } from '../core/service.ts';
import type { Handlers } from './handlers.ts';
import { pairsOf, propertiesOf } from './key-values.ts';
import { databaseOf } from './server-call.ts';
import { SUCCESS } from './status.ts';

export function databaseHandlers(service: Service): Handlers {
  return {
    async CreateDatabase(request, { options }) {
      await service.createDatabase(request.dbName, propertiesOf(request.properties), options);
      return SUCCESS;
    },
    async DropDatabase(request, { options }) {
      await service.dropDatabase(request.dbName, options).catch(ignoreMissing);
      return SUCCESS;
    },
    async ListDatabases(_request, { options }) {
      const databases = await service.listDatabases(options);
      return {
        dbNames: databases.map(({ name }) => name),
        dbIds: BigInt64Array.from(databases, ({ id }) => BigInt(id)),
        createdTimestamp: BigUint64Array.from(databases, (one) => one.createdTimestamp),
      };
    },
    async DescribeDatabase(request, call) {
      const database = await service.describeDatabase(databaseOf(request, call), call.options);
      return {
        dbName: database.name,
        dbID: BigInt(database.id),
        createdTimestamp: database.createdTimestamp,
        properties: pairsOf(database.properties),
      };
    },
    async AlterDatabase(request, { options }) {
      const change = { set: propertiesOf(request.properties), remove: request.deleteKeys };
      await service.alterDatabase(request.dbName, change, options);
      return SUCCESS;
    },
  };
}

/** Dropping what is not there succeeds. */
function ignoreMissing(failure: unknown): void {
  if (!(failure instanceof MilvusError) || failure.reason !== 'DatabaseNotFound') throw failure;
}
