/** The package's public door: names only. */
/// <reference lib="esnext.disposable" preserve="true" />
export { Aggregates } from './api/aggregates.ts';
export { Collection } from './api/collection.ts';
export { DatabaseView } from './api/database-view.ts';
export { expr, Expression, type ExpressionValue } from './api/expression.ts';
export { Field, type FieldShapes } from './api/field.ts';
export { f } from './api/fields.ts';
export type { IndexOptions, SearchParams } from './api/index-options.ts';
export { Indexes } from './api/indexes.ts';
export type { ScalarIndexOptions } from './api/scalar-index-options.ts';
export { MilvusLite, type OpenOptions } from './api/milvus-lite.ts';
export { Partitions } from './api/partitions.ts';
export {
  type PinOptions,
  type RestoreOptions,
  type SnapshotOptions,
  Snapshots,
} from './api/snapshots.ts';
export type {
  AggregateRequest,
  Bucket,
  BucketMetric,
  BucketOptions,
  BucketSearchRequest,
  CallOptions,
  CollectionOptions,
  CollectionStatistics,
  ConsistencyLevel,
  CountRequest,
  DeleteRequest,
  DeleteResult,
  FieldOperation,
  GetOptions,
  GroupValue,
  IndexDescription,
  IterateRequest,
  OrderBy,
  PartialUpsertOptions,
  QueryRequest,
  ReadOptions,
  RenameOptions,
  SearchIteratorRequest,
  SearchRequest,
  SegmentState,
  UpsertOptions,
  WriteOptions,
  WriteResult,
} from './api/requests.ts';
export {
  type AnySchema,
  defineSchema,
  type FoundRow,
  type Hit,
  type InsertRow,
  type KeyInput,
  type KeyOf,
  type OutputName,
  type PartialRow,
  type QueryList,
  type QueryVector,
  type Row,
  Schema,
  type Selected,
  type UpsertRow,
} from './api/schema.ts';
export type {
  IndexMetric,
  JsonValue,
  Metric,
  ParameterValues,
  SparseVector,
} from './api/values.ts';
export { type ErrorKind, type ErrorName, MilvusError } from './base/errors.ts';
export type { Logger, LogFields } from './base/logger.ts';
export type { RecoveryReport } from './core/engine.ts';
export type { RestoreJob } from './core/frontend-snapshots.ts';
export type {
  AliasInfo,
  CollectionInfo,
  DatabaseInfo,
  IndexInfo,
  PartitionInfo,
} from './core/ports.ts';
export type { ExplainedStep, Explanation } from './core/requests.ts';
export type { SnapshotInfo } from './core/snapshot-ports.ts';
export { MetricType } from './index/metric-type.ts';
export { DataType, type DataTypeName } from './schema/data-type.ts';
export type { PrimaryKey } from './schema/primary-key.ts';
