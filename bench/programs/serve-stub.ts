/**
 * A server that answers at once with what another server said: what is left is the client's own time. The first
 * request of a call and a length goes to the real server, and its answer is the answer to all others.
 * Prints its port.
 */
import * as grpc from '@grpc/grpc-js';
import { METHODS, SERVICE_NAME } from '../../src/wire/generated/milvus.ts';
import { settings } from '../processes.ts';

const { target } = settings() as { readonly target: string };
const asIs = (bytes: Buffer): Buffer => bytes;
const client = new grpc.Client(target, grpc.credentials.createInsecure());
const answers = new Map<string, Buffer>();

function forward(path: string, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asIs, asIs, request, (failure, said) => {
      if (said === undefined) reject(failure ?? new Error('no answer'));
      else resolve(said);
    });
  });
}

async function answer(path: string, request: Buffer): Promise<Buffer> {
  const key = `${path} ${request.length}`;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const fresh = await forward(path, request);
  answers.set(key, fresh);
  return fresh;
}

const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
const paths = Object.keys(METHODS).map((name) => [name, `/${SERVICE_NAME}/${name}`] as const);
server.addService(
  Object.fromEntries(
    paths.map(([name, path]) => [
      name,
      {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    ]),
  ),
  Object.fromEntries(
    paths.map(([name, path]) => [
      name,
      (call: grpc.ServerUnaryCall<Buffer, Buffer>, reply: grpc.sendUnaryData<Buffer>) => {
        answer(path, call.request).then(
          (bytes) => reply(null, bytes),
          (failure: unknown) => reply(failure as grpc.ServiceError),
        );
      },
    ]),
  ),
);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (failure, port) => {
  if (failure !== null) throw failure;
  console.log(String(port));
});
