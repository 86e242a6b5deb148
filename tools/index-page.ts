/** docs/indexes.md: the registry of indexes as a page. */
import { GRAPH_M_MAX } from '../src/index/parameter-rules.ts';
import type { ParameterRule, ParameterRules } from '../src/index/parameters.ts';
import {
  automaticIndex,
  type IndexKind,
  VECTOR_INDEX_NAMES,
  vectorIndexKind,
} from '../src/index/registry.ts';
import { DataType, dataTypeName } from '../src/schema/data-type.ts';
import { scalarIndexesPart } from './scalar-index-page.ts';

export function indexesPage(): string {
  const kinds = VECTOR_INDEX_NAMES.flatMap((name) => vectorIndexKind(name) ?? []);
  const isOwn = (kind: IndexKind): boolean => kind.name === kind.structure;
  return `# Indexes

Drawn from [src/index/registry.ts](../src/index/registry.ts) by \`npm run docs\`; a test compares them.

A field has at most one index. That of a vector field says how the field is searched and by which metric;
names, ranges, defaults and error texts are Milvus's. Parameters that an index does not know are ignored.

**A definition is not yet a structure.** Rows get it in the background, once they are flushed. Until they
have it they are compared one by one, so that no answer waits for a build; and for good where there are few
of them, or lists of vectors are compared as lists. \`describe\` says so: an index that nothing builds is
\`Unissued\`, with all its rows pending.

\`\`\`ts
const docs = await db.collection('docs', {
  schema: {
    id: f.int64({ primary: true }),
    vector: f.floatVector(384, { index: { type: 'HNSW', metric: 'COSINE', M: 16 } }),
  },
});
await docs.flush();
await docs.waitForIndex('vector', { timeoutMs: 60_000 });
await docs.indexes.describe('vector'); // rows in all, indexed, pending, and how far a build is
await docs.search({ data: vector, limit: 10, searchParams: { ef: 64 } });
\`\`\`

## More than the best

\`radius\` among the search parameters is the worst score that counts, \`range_filter\` the best one; with both
hits lie between them. \`limit\` holds as ever. Every row of the range is found, by \`HNSW\` as many as it
reaches; any other index leaves ranges to the exact scan, since it cannot tell where one ends.

| metric | in the range |
| --- | --- |
| L2, HAMMING, JACCARD | \`range_filter\` <= score < \`radius\` |
| IP, COSINE | \`radius\` < score <= \`range_filter\` |

\`searchIterator\` hands out hits page by page, best first and no row twice, as many as are asked for; all of
them by an exact scan, but for \`HNSW\`. Its pages are of one moment, whatever is written meanwhile.

\`\`\`ts
await docs.search({ data: vector, limit: 100, searchParams: { radius: 0.8, range_filter: 0.95 } });
for await (const page of docs.searchIterator({ data: vector, batchSize: 50 })) show(page);
\`\`\`

## Every index

| index | vectors | build parameters | search parameters |
| --- | --- | --- | --- |
${kinds.filter(isOwn).map(row).join('\n')}

## Codes, and the last word

An index keeps no second copy of the vectors: it keeps codes, links and lists beside those of the segment.
Codes choose candidates, the vectors themselves have the last word, so scores are exact whatever the index.
Candidates are the \`limit\` best by their codes, of a walk over a graph \`ef\` / 2 at least, of SCANN
\`reorder_k\`, of DISKANN \`search_list\`; of an index built with \`refine\` they are \`refine_k\` times as many.
\`refine_type\` changes nothing: nothing is more exact than the vectors.

| index | bytes a row, beside the vector | of 384 float elements by COSINE |
| --- | --- | --- |
| \`FLAT\` | elements + 12, L2: + 16; none of Int8 | 396 |
| \`IVF_FLAT\` | elements + 16, L2: + 20; 4 of Int8 | 400 |
| \`IVF_SQ8\` | elements, SQ6: 3/4, SQ4: 1/2, + 8, IP: + 4 | 392; SQ4 200 |
| \`IVF_PQ\` | \`m\`, above 8 bits 2 x \`m\`, + 8 | 56 with \`m\` 48 |
| \`IVF_RABITQ\` | \`rbq_bits\` / 8 of the elements, + 12 | 60; 4 bits 204 |
| \`SCANN\` | elements / 2 / \`sub_dim\`, + 8 | 104 |
| \`HNSW\` | elements (none of Binary), 8 x \`M\`, + 8 to 16 | 521 with \`M\` 16 |
| \`HNSW_SQ\` | as \`HNSW\`; SQ6: 3/4, SQ4U: 1/2, FP16 and BF16: 2 x the elements | 521; SQ6 425, SQ4U 329, FP16 905 |
| \`HNSW_PQ\`, \`HNSW_PRQ\` | \`m\`, or \`m\` x \`nrq\`, in place of the elements | 185 with \`m\` 48 |
| \`DISKANN\` | \`pq_code_budget_gb_ratio\` of the vector, 4 x \`max_degree\`, + 8 to 16; in its file | 425 |
| \`BIN_IVF_FLAT\` | 4 | |
| \`MINHASH_LSH\` | 8 a band and more, by its filters | |

The codes of a graph have one scale a row. Before it is built the nearest rows of some are looked up and compared
by codes and by vectors; where codes do not tell them apart the graph is built over the vectors themselves, as of
places on a map, of columns of different units, or of elements that vary little around their mean. Such an \`HNSW\`
has no codes, 4 bytes by COSINE and nothing else in place of the elements; searches of it read vectors.

Codebooks and centroids are beside these: of \`nlist\` x elements x 4 bytes, and the entries of a product code;
so are places that fill up a list to a multiple of 16 rows of \`IVF_FLAT\`, of 32 of \`SCANN\`.
\`mlite inspect\` shows what there is.

Vectors and indexes that are larger than memory stay in their files, and the system keeps in memory what is
used: \`mmap: true\` of an index, \`params: { 'mmap.enabled': 'true' }\` of a field, or the property
\`mmap.enabled\` of a collection for all that say nothing themselves. Blocks are checked when they are mapped.
Nobody may change files of an open database; where they are mapped, one that is cut short ends the process.

Scores are float32. A squared distance that is too large for it is \`Infinity\`, a product \`Infinity\` or
\`-Infinity\`; rows with the same one are in the order of their keys, as equal scores are. A cosine is
always a number.

## Larger than memory

\`DISKANN\` is mapped in any case, and so are the vectors of its field, scans of them included: nothing of either
is read into memory of the process, so that what a search needs there is 2 bytes a row for each thread, 0.4 % of
128 float elements. What it reads again and again are the codes, by default an eighth of the vectors: with the
memory for these free, a search waits for about \`search_list\` lists of links and as many vectors. Codes are
scalar where their budget has 4 bits an element or more and its padding is little, else products of parts.

\`search_list\` says how far a walk goes and how many vectors are compared. The system's cache does what
\`search_cache_budget_gb_ratio\` would say, 8 lists are asked for at a time whatever \`beam_width_ratio\` is, and
\`AISAQ\` is the same with names of its own. A build needs memory beside the vectors, which are mapped: about
4 x \`max_degree\`, the codes, at most one byte an element and 50 bytes a row. Where files cannot be mapped, in
\`:memory:\` or without the native kernels, all is in memory: \`mlite doctor\` says so of a machine,
\`mlite inspect\` of an index.

## Metrics that only match

By three metrics of binary vectors a row matches or is no hit, so there may be fewer hits than \`limit\`. An
index has them, not a field.

| metric | index | a row is a hit | score |
| --- | --- | --- | --- |
| \`SUBSTRUCTURE\` | \`BIN_FLAT\` | when it has every bit of the query | 0 |
| \`SUPERSTRUCTURE\` | \`BIN_FLAT\` | when the query has every bit of it | 0 |
| \`MHJACCARD\` | \`MINHASH_LSH\` | when some band of its signature is the query's | 1 |

A signature is a binary vector of elements of \`mh_element_bit_width\` bits, a multiple of 8 that divides its
dimension, in \`mh_lsh_band\` bands of as many elements as fit. With \`mh_search_with_jaccard\` the score is the
share of equal elements, larger being better: of \`refine_k\` candidates that share a band where a segment has
its index, and of every row that shares an element where it has none yet. \`with_raw_data\`,
\`mh_lsh_code_in_mem\` and \`mh_lsh_batch_search\` change nothing here: signatures are there to be compared, tables
are in memory while they are searched, and a batch has the answers of its queries.

## Names that stand for others

An alias takes its own parameters and is built as another index; \`describe\` names it in \`builtAs\`.

| index | built as | build parameters | search parameters |
| --- | --- | --- | --- |
${kinds
  .filter((kind) => !isOwn(kind))
  .map((kind) => `| \`${kind.name}\` | \`${kind.structure}\` | ${rulesOf(kind)} |`)
  .join('\n')}

A graph of \`GPU_CAGRA\` has half of \`graph_degree\` as \`M\`, up to ${GRAPH_M_MAX}, and the walk over it keeps
the most of \`itopk_size\` (in steps of 32), 32 x \`search_width\`, \`ef\` and \`refine_ratio\` x \`limit\`
candidates; 64 when nothing is said. Of \`GPU_IVF_PQ\` the vectors decide about \`refine_ratio\` x \`limit\`
candidates. The rest says how a graphics card goes about it and changes no answer here: \`build_algo\`,
\`cache_dataset_on_device\`, \`adapt_for_cpu\`, \`team_size\`, \`min_iterations\`, \`max_iterations\`, and
\`refine_ratio\` of \`GPU_IVF_FLAT\`, which compares the vectors themselves. Nor do \`AISAQ\`'s \`inline_pq\`,
\`rearrange\`, \`num_entry_points\`, \`pq_cache_size\`, \`beamwidth\`, \`vectors_beamwidth\` and
\`pq_read_page_cache_size\`.

\`AUTOINDEX\`, and no index type at all, take a metric and nothing else:

| vectors | built as |
| --- | --- |
${[DataType.FloatVector, DataType.Int8Vector, DataType.BinaryVector].map(automaticRow).join('\n')}

Indexes of sparse vectors, \`FAISS\` and \`SVS_*\` are known names that answer \`Unimplemented\`.

${scalarIndexesPart()}`;
}

function row(kind: IndexKind): string {
  const types = kind.types.map((type) => dataTypeName(type).replace('Vector', '')).join(', ');
  const metrics = kind.binaryMetrics === null ? '' : ` (bits: ${kind.binaryMetrics.join(', ')})`;
  return `| \`${kind.name}\` | ${types}${metrics} | ${rulesOf(kind)} |`;
}

function rulesOf({ rules }: IndexKind): string {
  return `${cell(rules.build)} | ${cell(rules.search)}`;
}

function cell(rules: ParameterRules): string {
  const parts = Object.entries(rules).map(([name, rule]) => `\`${name}\` ${ruleText(rule)}`);
  return parts.length === 0 ? '–' : parts.join('<br>');
}

function ruleText(rule: ParameterRule): string {
  switch (rule.kind) {
    case 'boolean':
      return `true or false, default ${rule.default}`;
    case 'choice':
      return `${rule.options.join(', ')}; ${rule.default === null ? 'no default' : `default ${rule.default}`}`;
    case 'lenient':
      return `${rangeText(rule.rule.range)}, default ${rule.rule.default}; anything else is the default`;
    case 'integer':
      if (rule.isRequired === true) return `${rangeText(rule.range)}, required`;
      return `${rangeText(rule.range)}, ${defaultText(rule.default)}`;
    default:
      return `${rangeText(rule.range)}, ${defaultText(rule.default)}`;
  }
}

function rangeText([least, greatest]: readonly [number, number]): string {
  return greatest >= 2_147_483_647 ? `${least} or more` : `${least} to ${greatest}`;
}

function defaultText(value: number | null): string {
  return value === null ? 'default by the hits wanted' : `default ${value}`;
}

function automaticRow(type: DataType): string {
  const { kind, params } = automaticIndex(
    type,
    type === DataType.BinaryVector ? 'HAMMING' : 'COSINE',
  );
  const given = Object.entries(params).map(([name, value]) => `${name} ${value}`);
  const types = type === DataType.FloatVector ? 'Float, Float16, BFloat16' : dataTypeName(type);
  return `| ${types.replace('Vector', '')} | \`${kind.name}\`, ${given.join(', ')} |`;
}
