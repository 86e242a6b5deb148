/**
 * The one error of the whole system, and the one table of what can go wrong.
 *
 * Codes and sentinel texts are Milvus's (`pkg/util/merr/errors.go`), because clients compare both.
 * The text of an error is built the same way everywhere:
 *
 *   [<message>: ]<sentinel>[key=value][key=value]
 *
 * `kind` is what a caller acts on; `retriable` says whether the same call may succeed later.
 */

export type ErrorKind =
  | 'InvalidInput'
  | 'NotFound'
  | 'AlreadyExists'
  | 'NotReady'
  | 'Limit'
  | 'Denied'
  | 'Unavailable'
  | 'Unsupported'
  | 'Io'
  | 'Corrupted'
  | 'Cancelled'
  | 'Internal';

/** `input`: Milvus's `is_input_error`, never retriable. `retriable`: the same call may succeed later. */
export type ErrorTrait = 'input' | 'retriable' | 'final';

/** Milvus's code, kind, trait, sentinel text. */
export type ErrorRow = readonly [number, ErrorKind, ErrorTrait, string];

export const ERRORS = {
  ServiceNotReady: [1, 'NotReady', 'retriable', 'service not ready'],
  ServiceUnavailable: [2, 'Unavailable', 'retriable', 'service unavailable'],
  MemoryLimitExceeded: [3, 'Limit', 'final', 'memory limit exceeded'],
  TooManyRequests: [4, 'Limit', 'retriable', 'too many concurrent requests, queue is full'],
  ServiceInternal: [5, 'Internal', 'final', 'service internal error'],
  DiskLimitExceeded: [7, 'Limit', 'final', 'disk limit exceeded'],
  RateLimitExceeded: [8, 'Limit', 'retriable', 'rate limit exceeded'],
  QuotaExceeded: [9, 'Limit', 'final', 'quota exceeded'],
  Unimplemented: [10, 'Unsupported', 'final', 'service unimplemented'],
  TimeTickLongDelay: [11, 'Unavailable', 'final', 'time tick long delay'],
  ResourceInsufficient: [12, 'Limit', 'retriable', 'service resource insufficient'],

  CollectionNotFound: [100, 'NotFound', 'final', 'collection not found'],
  CollectionNotLoaded: [101, 'NotReady', 'final', 'collection not loaded'],
  CollectionNumLimitExceeded: [102, 'Limit', 'input', 'exceeded the limit number of collections'],
  CollectionNotFullyLoaded: [103, 'NotReady', 'retriable', 'collection not fully loaded'],
  CollectionLoaded: [104, 'NotReady', 'input', 'collection already loaded'],
  IllegalCollectionSchema: [105, 'InvalidInput', 'input', 'illegal collection schema'],
  CollectionOnRecovering: [106, 'NotReady', 'retriable', 'collection on recovering'],
  SchemaMismatch: [109, 'InvalidInput', 'input', 'collection schema mismatch'],

  PartitionNotFound: [200, 'NotFound', 'final', 'partition not found'],
  PartitionNotLoaded: [201, 'NotReady', 'final', 'partition not loaded'],
  PartitionNotFullyLoaded: [202, 'NotReady', 'retriable', 'partition not fully loaded'],
  GeneralCapacityExceeded: [250, 'Limit', 'final', 'general capacity exceeded'],

  ResourceGroupNotFound: [300, 'NotFound', 'input', 'resource group not found'],

  ChannelNotAvailable: [503, 'Unavailable', 'final', 'channel not available'],
  ChannelMisrouted: [507, 'Unavailable', 'retriable', 'channel misrouted: not owned by this node'],

  SegmentNotFound: [600, 'NotFound', 'final', 'segment not found'],
  SegmentNotLoaded: [601, 'NotReady', 'final', 'segment not loaded'],

  IndexNotFound: [700, 'NotFound', 'final', 'index not found'],
  IndexNotSupported: [701, 'Unsupported', 'final', 'index type not supported'],
  IndexDuplicate: [702, 'AlreadyExists', 'input', 'index duplicates'],

  DatabaseNotFound: [800, 'NotFound', 'final', 'database not found'],
  DatabaseNumLimitExceeded: [801, 'Limit', 'input', 'exceeded the limit number of database'],
  DatabaseNameInvalid: [802, 'InvalidInput', 'input', 'invalid database name'],

  IoKeyNotFound: [1000, 'Io', 'final', 'key not found'],
  IoFailed: [1001, 'Io', 'final', 'IO failed'],
  DataSerialization: [1004, 'Internal', 'final', 'data serialization or deserialization failed'],
  StoragePermissionDenied: [1005, 'Io', 'final', 'permission denied'],
  DataIntegrity: [1009, 'Corrupted', 'final', 'data integrity check failed'],
  EntityTooLarge: [1012, 'InvalidInput', 'final', 'entity too large'],

  ParameterInvalid: [1100, 'InvalidInput', 'input', 'invalid parameter'],
  ParameterMissing: [1101, 'InvalidInput', 'input', 'missing parameter'],
  ParameterTooLarge: [1102, 'InvalidInput', 'input', 'parameter too large'],

  AliasNotFound: [1600, 'NotFound', 'final', 'alias not found'],
  AliasCollectionNameConflict: [
    1601,
    'AlreadyExists',
    'final',
    'alias and collection name conflict',
  ],
  AliasAlreadyExists: [1602, 'AlreadyExists', 'final', 'alias already exist'],

  FieldNotFound: [1700, 'NotFound', 'final', 'field not found'],
  FieldNameInvalid: [1701, 'InvalidInput', 'final', 'field name invalid'],

  JsonFormatRequired: [1801, 'InvalidInput', 'input', 'can only accept json format request'],
  RestParameterMissing: [1802, 'InvalidInput', 'input', 'missing required parameters'],
  InsertDataInvalid: [1804, 'InvalidInput', 'input', 'fail to deal the insert data'],
  PrimaryKeyInvalid: [
    1806,
    'InvalidInput',
    'final',
    "please check the primary key and its' type can only in [int, string]",
  ],

  ImportFailed: [2100, 'InvalidInput', 'input', 'importing data failed'],
  QueryPlanFailed: [2201, 'InvalidInput', 'input', 'query plan failed'],
  CompactionFailed: [2300, 'Internal', 'final', 'compaction failed'],
  SnapshotNotFound: [2600, 'NotFound', 'final', 'snapshot not found'],
  SnapshotPinned: [2601, 'NotReady', 'final', 'snapshot is pinned'],
  OperationNotSupported: [3000, 'Unsupported', 'final', 'unsupported operation'],

  Cancelled: [10_000, 'Cancelled', 'final', 'context canceled'],
  DeadlineExceeded: [10_001, 'Cancelled', 'final', 'context deadline exceeded'],

  /** The directory belongs to another process. No Milvus server has this; the text names the holder. */
  DirectoryLocked: [12_000, 'Unavailable', 'final', 'database directory is locked'],
  /** Any call after `close()`. */
  Closed: [12_001, 'Unavailable', 'final', 'database is closed'],
  /** A write to a database that was opened with `readOnly`. */
  ReadOnly: [12_002, 'Denied', 'final', 'database is read only'],
  /** Written by a newer version than this one. */
  FormatNotSupported: [12_003, 'Unsupported', 'final', 'format is newer than this version reads'],
  /** An append or a sync failed before: nothing more is written until the database is opened again. */
  WriterPoisoned: [12_004, 'Io', 'final', 'writes are refused until the database is opened again'],
  /** A read at a moment some of whose rows compaction has taken. */
  SnapshotExpired: [12_005, 'NotFound', 'final', 'the moment to read at is too long ago'],

  Unexpected: [65_535, 'InvalidInput', 'final', ''],
} as const;

export type ErrorName = keyof typeof ERRORS;

export type ErrorFields = Readonly<Record<string, string | number | bigint | boolean>>;

/** What an error is about, for programs: the keys that are printed in brackets, and no more. */
export interface ErrorDescription {
  /** Said before the sentinel, followed by a colon. */
  readonly message?: string;
  /** Printed as `[key=value]` in this order. */
  readonly fields?: ErrorFields;
}

export class MilvusError extends Error {
  override readonly name = 'MilvusError';
  /** The row of ERRORS: stable, meant for `switch`. */
  readonly reason: ErrorName;
  /** Milvus's numeric code. */
  readonly code: number;
  readonly kind: ErrorKind;
  readonly retriable: boolean;
  readonly isInputError: boolean;
  readonly fields: ErrorFields;

  constructor(reason: ErrorName, text: string, fields: ErrorFields, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    const [code, kind, trait]: ErrorRow = ERRORS[reason];
    this.reason = reason;
    this.code = code;
    this.kind = kind;
    this.retriable = trait === 'retriable';
    this.isInputError = trait === 'input';
    this.fields = fields;
  }
}

/**
 * Makes an error of the table.
 * @example milvusError('CollectionNotFound', { fields: { database: 'default', collection: 'x' } })
 *          → "collection not found[database=default][collection=x]"
 */
export function milvusError(
  reason: ErrorName,
  description: ErrorDescription = {},
  cause?: unknown,
): MilvusError {
  const fields = description.fields ?? {};
  const sentinel: string = ERRORS[reason][3];
  const brackets = Object.entries(fields)
    .map(([key, value]) => `[${key}=${value}]`)
    .join('');
  const parts = [description.message ?? '', sentinel].filter((part) => part !== '');
  return new MilvusError(reason, parts.join(': ') + brackets, fields, cause);
}

/** `invalid parameter` with what was expected and what came; the commonest error of all. */
export function invalidParameter(message: string, fields?: ErrorFields): MilvusError {
  return milvusError('ParameterInvalid', fields === undefined ? { message } : { message, fields });
}

/** Whatever was thrown, as a MilvusError: its own kind stays, anything else is an internal error with its cause. */
export function toMilvusError(thrown: unknown): MilvusError {
  if (thrown instanceof MilvusError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return milvusError('ServiceInternal', { message }, thrown);
}

/** The same error with `context` said before its text: `failed to search: collection not loaded[…]`. */
export function withContext(context: string, error: MilvusError): MilvusError {
  return new MilvusError(
    error.reason,
    `${context}: ${error.message}`,
    error.fields,
    error.cause ?? error,
  );
}
