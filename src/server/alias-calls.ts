/** Calls about aliases. */
import type { Service } from '../core/service.ts';
import type { Handlers } from './handlers.ts';
import { collectionOf, databaseOf } from './server-call.ts';
import { SUCCESS } from './status.ts';

export function aliasHandlers(service: Service): Handlers {
  return {
    async CreateAlias(request, call) {
      const { alias } = request;
      await service.createAlias({ ...collectionOf(request, call), alias }, call.options);
      return SUCCESS;
    },
    async AlterAlias(request, call) {
      const { alias } = request;
      await service.alterAlias({ ...collectionOf(request, call), alias }, call.options);
      return SUCCESS;
    },
    async DropAlias(request, call) {
      const { alias } = request;
      await service.dropAlias({ databaseName: databaseOf(request, call), alias }, call.options);
      return SUCCESS;
    },
    async DescribeAlias(request, call) {
      const { alias } = request;
      const databaseName = databaseOf(request, call);
      const found = await service.describeAlias({ databaseName, alias }, call.options);
      return { dbName: found.databaseName, alias: found.alias, collection: found.collectionName };
    },
    async ListAliases(request, call) {
      const databaseName = databaseOf(request, call);
      const collectionName = request.collectionName === '' ? null : request.collectionName;
      const found = await service.listAliases({ databaseName, collectionName }, call.options);
      return {
        dbName: databaseName,
        collectionName: request.collectionName,
        aliases: found.map(({ alias }) => alias),
      };
    },
  };
}
