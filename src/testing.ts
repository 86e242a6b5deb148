/** A server for the tests of other programs: started in a moment, gone with all it held. */
/// <reference lib="esnext.disposable" preserve="true" />
export { type MilvusServer, startMilvus, type StartOptions } from './testing/milvus-server.ts';
