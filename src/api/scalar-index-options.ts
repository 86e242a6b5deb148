/** What an index of a scalar field is asked for by, under Milvus's names. */
interface Named {
  /** Default: the name of the field, of JSON with the path behind it. */
  readonly name?: string;
}

/** Of a JSON field: which of its values the index is of. A field has one index for each path. */
interface JsonPathOptions<Cast> {
  /** As filters write it: `data["price"]`. Default: the field itself. */
  readonly json_path?: string;
  /** How values are taken; required of JSON, and without effect elsewhere. */
  readonly json_cast_type?: Cast;
}

type JsonElements = 'ARRAY_BOOL' | 'ARRAY_DOUBLE' | 'ARRAY_VARCHAR';

/** Chosen by the type of the field: bitmaps where there are few distinct values, else a sorted list. */
export interface AutoScalarOptions
  extends Named,
    JsonPathOptions<'BOOL' | 'DOUBLE' | 'VARCHAR' | 'JSON'> {
  readonly type?: 'AUTOINDEX';
  /** Distinct values up to which bitmaps are built, 1 to 1,000. Default: 100. */
  readonly bitmap_cardinality_limit?: number;
  /** Maps its file instead of reading it into memory. */
  readonly mmap?: boolean;
}

/** A list of rows for each value; of arrays for each element. */
export interface InvertedOptions
  extends Named,
    JsonPathOptions<'BOOL' | 'DOUBLE' | 'VARCHAR' | JsonElements | 'JSON'> {
  readonly type: 'INVERTED';
  /** With DOUBLE: texts that are numbers are in the index as well. */
  readonly json_cast_function?: 'STRING_TO_DOUBLE';
  readonly mmap?: boolean;
}

/** A bit for each row and value: for few distinct booleans, integers or texts. */
export interface BitmapOptions extends Named, JsonPathOptions<'BOOL' | 'VARCHAR'> {
  readonly type: 'BITMAP';
  readonly mmap?: boolean;
}

/** Values in ascending order, for ranges of numbers, texts and moments. */
export interface StlSortOptions extends Named, JsonPathOptions<'DOUBLE' | 'VARCHAR'> {
  readonly type: 'STL_SORT';
}

/** Texts by what they begin with. Only `Trie` can be mapped. */
export interface TrieOptions extends Named {
  readonly type: 'TRIE' | 'Trie' | 'marisa-trie';
  readonly mmap?: boolean;
}

/** Texts by their parts, for `like "%part%"`. */
export interface NgramOptions extends Named, JsonPathOptions<'VARCHAR'> {
  readonly type: 'NGRAM';
  /** Characters of the shortest parts: what is shorter in a pattern finds nothing by the index. */
  readonly min_gram: number;
  /** Characters of the longest parts; more than `min_gram` + 3 change nothing. */
  readonly max_gram: number;
  readonly mmap?: boolean;
}

/** Geometries by the boxes around them. */
export interface RtreeOptions extends Named {
  readonly type: 'RTREE';
}

/**
 * An index of a scalar field, which answers conditions of filters. No index changes an answer.
 * @example { type: 'INVERTED', json_path: 'data["price"]', json_cast_type: 'DOUBLE' }
 */
export type ScalarIndexOptions =
  | AutoScalarOptions
  | InvertedOptions
  | BitmapOptions
  | StlSortOptions
  | TrieOptions
  | NgramOptions
  | RtreeOptions;
