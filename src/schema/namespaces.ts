/**
 * Namespaces: parts of a collection that requests name, each for itself. They are either values of a hidden
 * partition key, any number of them, or the partitions, which are made beforehand (`namespace.mode`). A key is
 * one row of the collection; where namespaces are partitions, and keys are not given out, one row of each.
 * Source: Milvus `pkg/common/common.go`, CheckNamespace; `internal/proxy/util.go`,
 * resolveNamespacePartitionNames.
 */
import { invalidParameter } from '../base/errors.ts';
import type { CollectionSchema, FieldSchema, Properties } from './collection-schema.ts';
import { NAMESPACE_FIELD_NAME } from './fields.ts';
import { validatePartitionName } from './names.ts';

export const NAMESPACE_MODE = 'namespace.mode';
const MODES = ['partition_key', 'partition'] as const;

export type NamespaceMode = (typeof MODES)[number];

/** What a definition's properties say; '' is the first. @throws MilvusError ParameterInvalid */
export function givenNamespaceMode(value: string | undefined): NamespaceMode {
  const [first] = MODES;
  const mode = value === undefined || value === '' ? first : MODES.find((one) => one === value);
  if (mode !== undefined) return mode;
  throw invalidParameter(
    `invalid ${NAMESPACE_MODE} value "${value}", valid values: [${MODES.join(', ')}]`,
  );
}

/** Null: the collection has no namespaces. */
export function namespaceMode(
  schema: CollectionSchema,
  properties: Properties,
): NamespaceMode | null {
  if (namespaceField(schema) !== undefined) return 'partition_key';
  return properties[NAMESPACE_MODE] === 'partition' ? 'partition' : null;
}

/** The field whose values are the namespaces, where they are values. */
export function namespaceField(schema: CollectionSchema): FieldSchema | undefined {
  return schema.fields.find(({ name }) => name === NAMESPACE_FIELD_NAME);
}

/**
 * A request names a namespace where there are some, and only there.
 * @throws MilvusError ParameterInvalid
 */
export function checkNamespace(mode: NamespaceMode | null, namespace: string | undefined): void {
  if (mode === null && namespace !== undefined) {
    throw invalidParameter('namespace data is set but namespace disabled');
  }
  if (mode !== null && namespace === undefined) {
    throw invalidParameter('namespace data is not set but namespace enabled');
  }
}

/**
 * The partitions that a request means; the namespace is one of them.
 * @param names that it names itself
 * @throws MilvusError ParameterInvalid
 */
export function namespacePartitions(
  namespace: string,
  names: readonly string[] | undefined,
): readonly string[] {
  validatePartitionName(namespace);
  if (names === undefined || names.length === 0) return [namespace];
  if (names.length === 1 && names[0] === namespace) return [namespace];
  throw invalidParameter(`partition names [${names.join(' ')}] mismatch namespace "${namespace}"`);
}
