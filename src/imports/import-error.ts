/** What is wrong with an import. */
import { type MilvusError, milvusError } from '../base/errors.ts';

export function importFailed(message: string, cause?: unknown): MilvusError {
  return milvusError('ImportFailed', { message }, cause);
}
