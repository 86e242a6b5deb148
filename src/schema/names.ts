/**
 * Rules for names, with Milvus's wording: at most NAME_BYTES_MAX bytes, first a letter or underscore, then
 * letters, digits and underscores; partitions may also start with a digit and hold hyphens.
 * Source: Milvus `internal/proxy/util.go`.
 */
import { invalidParameter, type MilvusError, milvusError } from '../base/errors.ts';
import { NAME_BYTES_MAX } from '../base/limits.ts';

const FIRST_CHARACTER = /^[A-Za-z_]/;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const INDEX_NAME = /^[A-Za-z_][A-Za-z0-9_[\]]*$/;
const PARTITION_FIRST_CHARACTER = /^[A-Za-z0-9_]/;
const PARTITION = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;

/** Words of the filter language; in the casings that Milvus reserves, `null` in any. */
const KEYWORDS: ReadonlySet<string> = new Set([
  ...['like', 'and', 'or', 'not', 'in', 'True', 'False'],
  ...[
    ...['exists', 'true', 'false', 'text_match', 'phrase_match', 'random_sample', 'array_length'],
    ...['json_contains', 'json_contains_all', 'json_contains_any'],
    ...['array_contains', 'array_contains_all', 'array_contains_any'],
  ].flatMap((word) => [word, word.toUpperCase()]),
]);

/** Columns of the system; no field of a user may look like one. */
const RESERVED_FIELD_NAMES: ReadonlySet<string> = new Set(['RowID', 'Timestamp', '__virtual_pk__']);

/** @throws MilvusError DatabaseNameInvalid */
export function validateDatabaseName(name: string): void {
  const refused = (message: string): MilvusError =>
    milvusError('DatabaseNameInvalid', { message, fields: { database: name } });
  if (name === '') throw refused("database name couldn't be empty");
  if (isTooLong(name)) {
    throw refused(`the length of a database name must be less than ${NAME_BYTES_MAX} characters`);
  }
  if (!FIRST_CHARACTER.test(name)) {
    throw refused('the first character of a database name must be an underscore or letter');
  }
  if (!IDENTIFIER.test(name)) {
    throw refused('database name can only contain numbers, letters and underscores');
  }
}

/** @throws MilvusError ParameterInvalid */
export function validateCollectionName(name: string): void {
  validateCollectionNameOrAlias(name, 'name');
}

/** @throws MilvusError ParameterInvalid */
export function validateAlias(alias: string): void {
  validateCollectionNameOrAlias(alias, 'alias');
}

/** @throws MilvusError ParameterInvalid */
export function validatePartitionName(partition: string): void {
  const refused = (message: string): MilvusError =>
    invalidParameter(`Invalid partition name: ${partition}. ${message}`);
  if (partition.trim() === '') throw refused('Partition name should not be empty.');
  if (isTooLong(partition)) {
    throw refused(`The length of a partition name must be less than ${NAME_BYTES_MAX} characters.`);
  }
  if (!PARTITION_FIRST_CHARACTER.test(partition)) {
    throw refused('The first character of a partition name must be an underscore or letter.');
  }
  if (!PARTITION.test(partition)) {
    throw refused('Partition name can only contain numbers, letters and underscores.');
  }
}

/** @throws MilvusError FieldNameInvalid, also for keywords of the filter language and names of the system */
export function validateFieldName(name: string): void {
  const refused = (message: string): MilvusError =>
    milvusError('FieldNameInvalid', { message, fields: { field: name } });
  if (name === '') throw refused('field name should not be empty');
  const invalid = `Invalid field name: ${name}. `;
  if (isTooLong(name)) {
    throw refused(
      `${invalid}The length of a field name must be less than ${NAME_BYTES_MAX} characters.`,
    );
  }
  if (!FIRST_CHARACTER.test(name)) {
    throw refused(`${invalid}The first character of a field name must be an underscore or letter.`);
  }
  if (!IDENTIFIER.test(name)) {
    throw refused(`${invalid}Field name can only contain numbers, letters, and underscores.`);
  }
  if (KEYWORDS.has(name) || name.toLowerCase() === 'null') {
    throw refused(`${invalid}${name} is keyword in milvus.`);
  }
  if (RESERVED_FIELD_NAMES.has(name)) {
    throw refused(
      `field name "${name}" is reserved for internal use and cannot be used in user schemas`,
    );
  }
}

/** A name may be that of a struct's sub-field: `struct[sub]`. @throws MilvusError ParameterInvalid */
export function validateIndexName(name: string): void {
  if (name === '') return;
  const refused = (message: string): MilvusError =>
    invalidParameter(`Invalid index name: ${name}. ${message}`);
  if (isTooLong(name)) {
    throw refused(`The length of a index name must be less than ${NAME_BYTES_MAX} characters.`);
  }
  if (!FIRST_CHARACTER.test(name)) {
    throw refused('The first character of a index name must be an underscore or letter.');
  }
  if (!INDEX_NAME.test(name)) {
    throw refused('Index name can only contain numbers, letters, and underscores.');
  }
}

/** @throws MilvusError ParameterInvalid */
export function validateSnapshotName(given: string): void {
  const name = given.trim();
  if (name === '') {
    const fields = { expected: 'not empty', actual: '' };
    throw invalidParameter('snapshot name should be not empty', fields);
  }
  if (isTooLong(name)) {
    throw invalidParameter('the length of snapshot name must be not greater than limit', {
      expected: `0 <= length <= ${NAME_BYTES_MAX}`,
      actual: Buffer.byteLength(name),
    });
  }
  if (!FIRST_CHARACTER.test(name)) {
    throw invalidParameter('the first character of snapshot name must be an underscore or letter');
  }
  if (!IDENTIFIER.test(name)) {
    throw invalidParameter('snapshot name can only contain numbers, letters and underscores');
  }
}

function validateCollectionNameOrAlias(name: string, word: 'name' | 'alias'): void {
  if (name === '') throw invalidParameter(`collection ${word} should not be empty`);
  const refused = (message: string): MilvusError =>
    invalidParameter(`Invalid collection ${word}: ${name}. ${message}`);
  if (isTooLong(name)) {
    throw refused(
      `the length of a collection ${word} must be less than ${NAME_BYTES_MAX} characters`,
    );
  }
  if (!FIRST_CHARACTER.test(name)) {
    throw refused(`the first character of a collection ${word} must be an underscore or letter`);
  }
  if (!IDENTIFIER.test(name)) {
    throw refused(`collection ${word} can only contain numbers, letters and underscores`);
  }
}

function isTooLong(name: string): boolean {
  return Buffer.byteLength(name) > NAME_BYTES_MAX;
}
