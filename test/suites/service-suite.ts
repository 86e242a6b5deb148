/** What every assembly of the engine promises its users, whatever stands between the roles. */
import { serviceAggregateSuite } from './service-aggregate-suite.ts';
import { serviceCatalogSuite } from './service-catalog-suite.ts';
import { serviceGroupSuite } from './service-group-suite.ts';
import { serviceIndexLifeSuite } from './service-index-life-suite.ts';
import { serviceIndexSuite } from './service-index-suite.ts';
import { serviceReadsSuite } from './service-reads-suite.ts';
import { serviceRowsSuite } from './service-rows-suite.ts';
import { serviceSchemaSuite } from './service-schema-suite.ts';
import { serviceTypesSuite } from './service-types-suite.ts';
import { serviceWindowSuite } from './service-window-suite.ts';
import type { OpenWorld } from './service-world.ts';

export function serviceSuite(open: OpenWorld): void {
  serviceCatalogSuite(open);
  serviceRowsSuite(open);
  serviceSchemaSuite(open);
  serviceTypesSuite(open);
  serviceReadsSuite(open);
  serviceIndexSuite(open);
  serviceIndexLifeSuite(open);
  serviceWindowSuite(open);
  serviceGroupSuite(open);
  serviceAggregateSuite(open);
}
