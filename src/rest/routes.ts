/** Every endpoint of `/v2/vectordb`, by its path behind the prefix. */
import { accessRoutes } from './access-routes.ts';
import { catalogRoutes } from './catalog-routes.ts';
import { clusterRoutes } from './cluster-routes.ts';
import { collectionRoutes } from './collection-routes.ts';
import { entityRoutes } from './entity-routes.ts';
import { indexRoutes } from './index-routes.ts';
import type { Routes } from './rest-call.ts';
import { searchRoutes } from './search-routes.ts';

export const PREFIX = '/v2/vectordb';

export const ROUTES: Routes = {
  ...collectionRoutes,
  ...catalogRoutes,
  ...entityRoutes,
  ...searchRoutes,
  ...indexRoutes,
  ...accessRoutes,
  ...clusterRoutes,
};
