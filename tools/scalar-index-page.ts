/** The part of docs/indexes.md about indexes of scalars. */
import {
  automaticScalarIndex,
  SCALAR_INDEX_NAMES,
  scalarIndexKind,
  type ScalarKind,
} from '../src/index/registry.ts';
import { DataType, dataTypeName } from '../src/schema/data-type.ts';

/** What each is of, its parameters, and what it answers. */
const TEXTS: Readonly<Record<ScalarKind['structure'], readonly [string, string, string]>> = {
  INVERTED: [
    'Bool, integers, Float, Double, VarChar, Array; JSON by `BOOL`, `DOUBLE`, `VARCHAR`, `ARRAY_BOOL`, `ARRAY_DOUBLE`, `ARRAY_VARCHAR`, `JSON`',
    '`json_cast_function` `STRING_TO_DOUBLE`, with `DOUBLE`',
    'a list of rows for each value, of arrays for each element',
  ],
  BITMAP: [
    'Bool, integers, VarChar, Array of these, never the primary key; JSON by `BOOL`, `VARCHAR`',
    '–',
    'a bit for each row and value',
  ],
  STL_SORT: [
    'integers, Float, Double, VarChar, Timestamptz, sub-fields of structs with these; JSON by `DOUBLE`, `VARCHAR`',
    '–',
    'values in ascending order, and their rows: ranges are runs',
  ],
  TRIE: ['VarChar', '–', 'texts that share what they begin with'],
  NGRAM: [
    'VarChar; JSON by `VARCHAR`',
    '`min_gram`, `max_gram`: 1 or more, required',
    'rows of every part of so many characters: `like "%part%"`, `=~ "part"`',
  ],
  RTREE: ['Geometry', '–', 'boxes of boxes: `st_*` but `st_isvalid`'],
};

const AUTOMATIC: readonly DataType[] = [
  DataType.Bool,
  DataType.Int64,
  DataType.Double,
  DataType.VarChar,
  DataType.JSON,
  DataType.Timestamptz,
  DataType.Geometry,
];

export function scalarIndexesPart(): string {
  const kinds = SCALAR_INDEX_NAMES.flatMap((name) => scalarIndexKind(name) ?? []);
  const own = kinds.filter(({ name, structure }) => name === structure);
  const aliases = kinds.filter(({ name, structure }) => name !== structure);
  return `## Indexes of scalar fields

They answer conditions of filters, and change no answer: \`==\`, \`in\`, ranges, \`like\`, \`=~\`,
\`is null\`, \`exists\`, \`array_contains\`, \`json_contains\` and \`st_*\`, alone and under \`and\`, \`or\`
and \`not\`. A column whose conditions are all answered is not read. Where an index cannot tell of some rows, the
column is asked about those; where it would mark more rows than to compare costs, where a list is long, and of
rows in memory, the column is scanned.

\`\`\`ts
await docs.indexes.create('title', { type: 'NGRAM', min_gram: 2, max_gram: 3 });
const price = { json_path: 'data["price"]', json_cast_type: 'DOUBLE' } as const;
await docs.indexes.create('data', { type: 'INVERTED', ...price });
await docs.query({ filter: 'title like "%sea%" and data["price"] < 20' });
\`\`\`

| index | of | parameters | what it keeps |
| --- | --- | --- | --- |
${own.map(({ name, structure }) => `| \`${name}\` | ${TEXTS[structure].join(' | ')} |`).join('\n')}

A field has one index, a JSON field one for each \`json_path\`, which is written as in filters and is the field
itself when left out; a key of a dynamic field is named as any field is. \`json_cast_type\` says which values are
in it: others are UNKNOWN to its conditions, as they are to the scan. With \`JSON\` it is everything inside, at
every path below. Integers beyond 2^53, which no double holds, are left to the column. With
\`STRING_TO_DOUBLE\` texts that are numbers are in the index too, and are found by the texts that they are.
Of \`NGRAM\` at most four lengths are built, from \`min_gram\` on; longer parts are covered by the longest of them.

\`AUTOINDEX\`, an empty type and no type at all stand for:

| field, or element of an array | built as |
| --- | --- |
${AUTOMATIC.map((type) => `| ${dataTypeName(type)} | \`${automaticScalarIndex(type) ?? ''}\` |`).join('\n')}

\`HYBRID\`, which cannot be asked for, is \`BITMAP\` in a segment with 100 distinct values or fewer
(\`bitmap_cardinality_limit\`, up to 1,000), else \`STL_SORT\`, of arrays \`INVERTED\`. The other integers and Float are
as Int64 and Double are. ${aliases.map(({ name, structure }) => `\`${name}\` is \`${structure}\``).join(', ')}.
\`mmap: true\` maps the file of ${kinds
    .filter(({ isMappable }) => isMappable)
    .map(({ name }) => `\`${name}\``)
    .join(', ')}.
`;
}
