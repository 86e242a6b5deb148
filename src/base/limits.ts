/** Every bound of the system, with its unit and where it comes from. Milvus's defaults unless said otherwise. */

// Names and schema: `proxy.max*` of milvus.yaml.
/** Bytes of a name of anything. */
export const NAME_BYTES_MAX = 255;
export const DESCRIPTION_BYTES_MAX = 1024;
/** Bytes of the text that is the default of an added field: each row that was there has it when it is read; ours. */
export const ADDED_DEFAULT_BYTES_MAX = 1024;
/** Fields of a collection, sub-fields of structs included. `proxy.maxFieldNum`. */
export const FIELD_COUNT_MAX = 64;
/** `proxy.maxVectorFieldNum`. */
export const VECTOR_FIELD_COUNT_MAX = 10;
/** `proxy.maxShardNum`. */
export const SHARD_COUNT_MAX = 16;
export const DIMENSION_MIN = 2;
/** `proxy.maxDimension`; binary vectors may have eight times as many. */
export const DIMENSION_MAX = 32_768;
export const BINARY_DIMENSION_MAX: number = DIMENSION_MAX * 8;
/** Bytes. `proxy.maxVarCharLength`. */
export const VARCHAR_LENGTH_MAX = 65_535;
/** Bytes. `proxy.maxTextLength`. */
export const TEXT_LENGTH_MAX: number = 2 * 1024 * 1024;
/** Elements. `proxy.maxArrayCapacity`. */
export const ARRAY_CAPACITY_MAX = 4096;
/** Bytes of a JSON value, and of the dynamic fields of one row. `common.JSONMaxLength`. */
export const JSON_BYTES_MAX = 65_536;
/** Nesting of a JSON value; ours. */
export const JSON_DEPTH_MAX = 64;
/** Nesting of a geometry collection; ours. */
export const GEOMETRY_DEPTH_MAX = 32;
/** Seconds, a hundred years. */
export const TTL_SECONDS_MAX = 3_155_760_000;

// Catalog: `rootCoord.*`, `quotaAndLimits.limits.*`.
export const DATABASE_COUNT_MAX = 64;
export const COLLECTION_COUNT_MAX = 65_536;
export const PARTITION_COUNT_MAX = 1024;
/** Partitions of a collection with a partition key, when not said. */
export const PARTITION_KEY_PARTITIONS_DEFAULT = 16;
/** Sum over collections of partitions x shards. `rootCoord.maxGeneralCapacity`. */
export const GENERAL_CAPACITY_MAX = 65_536;
export const PROPERTY_COUNT_MAX = 256;
/** Snapshots of a collection; ours. */
export const SNAPSHOT_COUNT_MAX = 1024;
/** Pins of a snapshot that have not ended; ours. */
export const SNAPSHOT_PIN_COUNT_MAX = 1024;
/** Seconds that a pin may be given, thirty days. `task_snapshot.go`, maxPinTTLSeconds. */
export const SNAPSHOT_PIN_SECONDS_MAX: number = 30 * 24 * 3600;
/** Seconds, a week. `dataCoord.snapshot.maxCompactionProtectionSeconds`. */
export const SNAPSHOT_PROTECTION_SECONDS_MAX = 604_800;
/** Restores of snapshots whose outcome is remembered; ours. */
export const RESTORE_JOB_COUNT_MAX = 1024;
/** Bytes of the parameters of an index, names and values. `proxy.maxIndexParamsSize`. */
export const INDEX_PARAMS_BYTES_MAX: number = 100 * 1024;

// Reads: `quotaAndLimits.limits.*`.
/** Largest `limit` of a search. `topK`. */
export const TOP_K_MAX = 16_384;
/** Largest `offset + limit`. `maxQueryResultWindow`. */
export const QUERY_WINDOW_MAX = 16_384;
/** Vectors of one search. `nq`. */
export const NQ_MAX = 16_384;
/** Bytes of one answer. `maxOutputSize`. */
export const OUTPUT_BYTES_MAX: number = 100 * 1024 * 1024;
/** As `TOP_K_MAX` and `QUERY_WINDOW_MAX`, of collections with `query_mode` large_topk. `largeTopK`. */
export const LARGE_TOP_K_MAX = 1_000_000;
/** Hits of each group of a search. `maxGroupSize`. */
export const GROUP_SIZE_MAX = 10;
/** Fields that a request groups by, or orders by; ours. */
export const GROUP_FIELDS_MAX = 10;
/** Groups of a query with aggregates. `common.groupBy.maxGroups`. */
export const AGGREGATE_GROUPS_MAX = 100_000;
/** Aggregates of a query, or of a level of a search aggregation; ours. */
export const AGGREGATES_MAX = 64;
/** Levels of a search aggregation. Milvus `maxAggregationLevels`. */
export const SEARCH_AGGREGATION_DEPTH_MAX = 4;
/** Hits that a search aggregation is of, all queries together. `proxy.maxSearchAggregationResultEntries`. */
export const SEARCH_AGGREGATION_ENTRIES_MAX = 10_000;
/** Candidates that one pass of a search by groups asks for; ours. */
export const GROUP_PASS_HITS_MAX = 65_536;
/** Groups that one search or query tells apart; ours: V8's maps hold 2^24 keys. */
export const GROUP_NUMBERS_MAX = 16_000_000;
/** Nesting of a filter; ours. */
export const FILTER_DEPTH_MAX = 256;
/** Operators, calls and lists of a filter, and values of its short lists: what is read in one stretch; ours. */
export const FILTER_PARTS_MAX = 32_768;
/** Values of one `in` list; ours. */
export const FILTER_LIST_MAX = 1_000_000;
/** Bytes of a filter text; the message limit of the server, applied here too. */
export const FILTER_BYTES_MAX: number = 64 * 1024 * 1024;
/** Bytes of the requests that a server answers at a time, of all connections together; ours. */
export const REQUEST_BYTES_UNDER_WAY_MAX: number = 512 * 1024 * 1024;
/** Keys of the JSON of a request that are parsed in one stretch: about 20 ms. A row has fewer; ours. */
export const JSON_KEYS_AT_ONCE_MAX = 32_768;
/** The same of values, numbers mostly: about 20 ms. The vectors of a row are fewer; ours. */
export const JSON_VALUES_AT_ONCE_MAX = 1_048_576;
/** Iterators of clients of a server of which it is known where they are, and by which schema they read; ours. */
export const SEARCH_ITERATORS_MAX = 4096;
/** Characters of a pattern of `like`, `=~` and `starts_with`: as many as the longest VARCHAR has; ours. */
export const PATTERN_LENGTH_MAX = 65_535;
/** Characters between two `%` of `like` with a `_` among them: each distinct one takes a bit of all; ours. */
export const PATTERN_PART_LENGTH_MAX = 1024;
/** Steps of the program that a regular expression of a filter becomes; ours. */
export const REGEX_STEPS_MAX = 4096;
/** Nesting of a regular expression; ours. */
export const REGEX_NESTING_MAX = 200;
/** States that a regular expression keeps while it reads texts, before it begins anew; ours. */
export const REGEX_STATES_MAX = 1024;
/** A bounded read accepts data this stale. `common.gracefulTime`. */
export const BOUNDED_STALENESS_MS = 5000;

// Writes; ours.
/** Rows of one insert, upsert or list of keys to delete. */
export const BATCH_ROWS_MAX = 1_000_000;
/** Elements of one Array field in rows to which an upsert appends, or from which it removes: they are numbered. */
export const CHANGED_ELEMENT_COUNT_MAX: number = 32 * 1024 * 1024;
/** Bytes of one log record; a request that needs more is refused. */
export const RECORD_BYTES_MAX: number = 256 * 1024 * 1024;
/** Bytes that one group commit takes; a single larger record makes a block of its own. */
export const BLOCK_BYTES_TARGET: number = 8 * 1024 * 1024;
/** Bytes of appends that may wait for their group commit before callers are slowed down. */
export const LOG_QUEUE_BYTES_MAX: number = 256 * 1024 * 1024;
/** Bytes of one log file before the next is begun. */
export const LOG_FILE_BYTES_MAX: number = 16 * 1024 * 1024;
/** Milliseconds that an acknowledged block may wait for its sync when durability is 'os'. */
export const LOG_SYNC_DELAY_MS = 1000;
/** Bytes of log behind the oldest checkpoint that make maintenance flush. */
export const LOG_BYTES_MAX: number = 64 * 1024 * 1024;

// Segments; ours unless said.
/** Bytes of growing rows that seal a segment. Milvus: 1024 MB x 0.12. */
export const SEAL_BYTES: number = 64 * 1024 * 1024;
/** Rows of a shard that seal a segment, however small they are. */
export const SEAL_ROWS_MAX = 1_000_000;
/** Milliseconds after which growing rows are sealed, however few they are. Milvus `segment.maxLife`. */
export const SEAL_AGE_MS: number = 24 * 60 * 60 * 1000;
/** Bytes of growing rows, all shards together, at which writers wait for a flush. */
export const GROWING_BYTES_MAX: number = 512 * 1024 * 1024;
/** Bytes of one compacted segment. Milvus `dataCoord.segment.maxSize`. */
export const SEGMENT_BYTES_MAX: number = 1024 * 1024 * 1024;
/** Share of deleted rows that makes a segment worth rewriting. Milvus `single.ratio.threshold`. */
export const DELETED_RATIO_MAX = 0.2;
/** Sealed segments of one shard at which writers wait for compaction. */
export const SEGMENT_COUNT_BACKPRESSURE = 256;
/**
 * Rows of a segment below which no index is built, and rows that a filter leaves below which none is asked:
 * to compare so few costs no more than a walk. `indexCoord.segment.minSegmentNumRowsToEnableIndex`.
 */
export const INDEX_ROWS_MIN = 1024;
/** Attempts at an index of a segment that fail before it is left until somebody waits for it, or opens the database. */
export const BUILD_ATTEMPTS_MAX = 16;
/** Milliseconds from an attempt at an index that failed to the next; doubled with each. */
export const BUILD_PAUSE_MS_MIN = 100;
/** The longest of those pauses, in milliseconds. */
export const BUILD_PAUSE_MS_MAX: number = 10 * 60 * 1000;
/** Values of rows in one index of scalars, grams and what is inside JSON counted one by one; ours. */
export const SCALAR_ENTRIES_MAX = 67_108_864;
/** Bytes of the distinct texts of one index of scalars; ours. Rows beyond either bound are left to their column. */
export const SCALAR_TERM_BYTES_MAX: number = 1024 * 1024 * 1024;
/** Bytes under one checksum. */
export const CHECKSUM_BLOCK_BYTES: number = 64 * 1024;
/** Milliseconds that an unreachable file is kept. */
export const GARBAGE_GRACE_MS: number = 60 * 60 * 1000;
/** Milliseconds that the hybrid clock's stored bound runs ahead of it. */
export const CLOCK_MARGIN_MS = 3000;
/** Ids taken from the MetaStore at once. */
export const ID_RANGE = 100_000;

// Time on the serving thread; ours.
/**
 * Milliseconds one call may hold the thread before it gives others a turn. A light request takes several turns of the
 * loop, so it waits for several of these beside a heavy one; giving a turn takes microseconds.
 */
export const TURN_MS_MAX = 4;
/** Milliseconds of the thread behind which a call is a long one. */
export const LONG_CALL_MS = 16;
/** As TURN_MS_MAX, of long calls: all that is light waits for one of these. */
export const LONG_TURN_MS_MAX = 2;
/** Milliseconds that work waits for its turn while others that had less of the thread go first. */
export const TURN_WAIT_MS_MAX = 50;
/** Bytes of masks that are kept for filters to come: 1,000 of segments of 262,144 rows. */
export const ROW_MASK_BYTES_MAX: number = 32 * 1024 * 1024;
/** Characters of the name of a filter whose masks are kept; longer ones are evaluated every time. */
export const FILTER_NAME_LENGTH_MAX = 4096;
/** Bytes of what indexes say of the conditions of one filter for one segment; the rest is left to its columns. */
export const FILTER_ANSWER_BYTES_MAX: number = 64 * 1024 * 1024;
/** Filters of a collection that are kept as they were read and bound. */
export const BOUND_FILTERS_MAX = 256;
/** Multiply-adds that are cheaper on this thread than the hop to a worker. */
export const INLINE_WORK_MAX = 16_000_000;
/** Bytes of shared memory new to a worker thread behind which it collects its garbage. */
export const THREAD_MEMORY_BYTES_MAX: number = 64 * 1024 * 1024;

// Metadata; ours.
/** Bytes of a key in the MetaStore: two escaped names and the structure around them. */
export const META_KEY_BYTES_MAX = 2048;
/** Bytes of one value in the MetaStore; etcd takes 1.5 MiB in a request. */
export const META_VALUE_BYTES_MAX: number = 1024 * 1024;
/** Times a compare-and-set is tried again before its caller is told that the store is too busy. */
export const META_ATTEMPTS_MAX = 64;
/** Milliseconds a guarantee timestamp may be ahead of the clock. */
export const CLOCK_LEAD_MAX_MS = 10_000;

/** Versions of the schema that one write is tried with, before it says that it does not fit the newest. */
export const SCHEMA_ATTEMPTS_MAX = 16;
