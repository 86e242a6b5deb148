/**
 * The schemas by which the iterators of clients read. A client brings back the collection and the moment of its
 * first page, and no schema: so the server remembers which one there was when it met that moment first.
 *
 *  - a later page of an iterator that is not known any more is refused where the collection was altered after its
 *    moment: nobody can tell whether its filter still means the same;
 *  - clients that write where they are into their filter show no difference between first and later pages: of
 *    these a forgotten iterator goes on by the schema there is.
 */
import { SEARCH_ITERATORS_MAX } from '../base/limits.ts';
import { milvusError } from '../base/errors.ts';
import type { CollectionInfo } from '../core/ports.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';

export class IterationSchemas {
  /** By collection and moment, in order of last use. */
  readonly #schemas = new Map<string, CollectionSchema>();

  /**
   * @param moment hybrid timestamp of all pages
   * @param isLater the request says that it is not of the first page
   * @throws MilvusError SchemaMismatch
   */
  schemaAt(
    collection: Pick<CollectionInfo, 'id' | 'name' | 'schema' | 'updatedTimestamp'>,
    { moment, isLater }: { readonly moment: bigint; readonly isLater: boolean },
  ): CollectionSchema {
    const name = `${collection.id} ${moment}`;
    const known = this.#schemas.get(name);
    if (known === undefined && isLater && collection.updatedTimestamp > moment) {
      throw milvusError('SchemaMismatch', {
        message: 'the collection was altered after the first page of an iterator that is not known',
        fields: { collection: collection.name },
      });
    }
    const schema = known ?? collection.schema;
    this.#schemas.delete(name);
    this.#schemas.set(name, schema);
    const [oldest] = this.#schemas.keys();
    if (this.#schemas.size > SEARCH_ITERATORS_MAX && oldest !== undefined) {
      this.#schemas.delete(oldest);
    }
    return schema;
  }
}
