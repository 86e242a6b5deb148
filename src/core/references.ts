/** What requests of all roles name what they are about by. */

/** A collection by name; aliases count where the operation allows them. '' is the default database. */
export interface CollectionRef {
  readonly databaseName: string;
  readonly collectionName: string;
}

/** A shard of a collection. */
export interface ShardRequest {
  readonly collectionId: number;
  readonly shardId: number;
}
