/** The calls of the service as types: by name, what is asked and what is answered. */
import type { METHODS } from './generated/milvus.ts';

export type MethodName = keyof typeof METHODS;

export type RequestOf<Name extends MethodName> = (typeof METHODS)[Name]['request']['type'];
export type ResponseOf<Name extends MethodName> = (typeof METHODS)[Name]['response']['type'];
