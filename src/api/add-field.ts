/** Adds what a program describes to a collection that is there: the field or the struct, then its indexes. */
import type { CollectionRef } from '../core/references.ts';
import type { CallOptions } from '../core/requests.ts';
import type { Service } from '../core/service.ts';
import { additionDefinition, indexRequests } from './collection-definition.ts';
import type { Field } from './field.ts';

/** @throws MilvusError ParameterInvalid */
export async function addToCollection(
  service: Service,
  { name, field, ...reference }: CollectionRef & { readonly name: string; readonly field: Field },
  call: CallOptions,
): Promise<void> {
  const addition = additionDefinition(name, field);
  await ('field' in addition
    ? service.addField({ ...reference, ...addition }, call)
    : service.addStruct({ ...reference, ...addition }, call));
  for (const index of indexRequests({ [name]: field })) {
    await service.createIndex({ ...reference, ...index }, call);
  }
}
