/** The page about the server: how it is run, and which calls of Milvus it answers. */
import { systemClock } from '../src/base/clock.ts';
import type { Service } from '../src/core/service.ts';
import { ImportJobs } from '../src/imports/import-jobs.ts';
import { PREFIX, ROUTES } from '../src/rest/routes.ts';
import { V1_PREFIX, V1_READS, V1_ROUTES } from '../src/rest/v1-routes.ts';
import { Compactions } from '../src/server/compactions.ts';
import { allHandlers } from '../src/server/server.ts';
import { METHODS } from '../src/wire/generated/milvus.ts';

const NO_FACTS = {
  version: '',
  nodeVersion: '',
  startedAt: '',
  address: '',
  hardware: () => ({
    cpuCount: 0,
    cpuPercent: 0,
    memoryBytes: 0,
    memoryUsedBytes: 0,
    diskBytes: 0,
    diskUsedBytes: 0,
  }),
};

function restPaths(): string {
  const paths = Object.keys(ROUTES).map((path) => `\`${path}\``);
  const first = Object.keys(V1_ROUTES).map((path) => `\`${path}\``);
  const reads = Object.keys(V1_READS).map((path) => `\`${path}\``);
  return `Below \`${PREFIX}\`, each a POST with a JSON object: ${paths.join(', ')}.

Below \`${V1_PREFIX}\`, the first interface: ${first.join(', ')}; by GET ${reads.join(', ')}.`;
}

export function serverPage(): string {
  // Handlers are only counted here, never called.
  const handlers = allHandlers({} as Service, NO_FACTS, {
    compactions: new Compactions(systemClock),
    imports: new ImportJobs({ service: {} as Service, clock: systemClock, source: null }),
  });
  const answered = Object.keys(METHODS).filter((name) => name in handlers);
  const others = Object.keys(METHODS).filter((name) => !(name in handlers));
  const listed = (names: readonly string[]): string =>
    names.map((name) => `\`${name}\``).join(', ');
  return `# The server

Drawn by \`npm run docs\`; a test compares the lists of calls with the code.

\`\`\`sh
npx mlite serve ./books.db
\`\`\`

serves a database directory to the clients of Milvus at 127.0.0.1:19530 until it is stopped (Ctrl-C,
SIGTERM): calls under way get their answers, then the directory is closed. While a server has a
directory open, no other process writes to it.

\`\`\`python
from pymilvus import MilvusClient

client = MilvusClient(uri="http://127.0.0.1:19530")
client.create_collection("demo", dimension=4)
client.insert("demo", [{"id": 1, "vector": [0.1, 0.2, 0.3, 0.4], "color": "red"}])
client.search("demo", data=[[0.1, 0.2, 0.3, 0.4]], limit=1, output_fields=["color"])
\`\`\`

\`\`\`sh
curl -X POST http://127.0.0.1:19530/v2/vectordb/entities/query -d '{"collectionName": "demo"}'
\`\`\`

| port | |
| --- | --- |
| 19530 | gRPC, and Milvus's HTTP interface below \`/v2/vectordb\`; \`--port\` |
| 9091 | \`/healthz\`, \`/livez\`, \`/metrics\`, \`/log/level\`, \`/management/*\`, \`/api/v1/_*\`; \`--metrics-port\` |

There are no users and no TLS: whoever reaches a port may do everything, and credentials that clients send are
accepted and ignored. So the server listens at 127.0.0.1 unless it is told otherwise (\`--host\`), and requests
that browsers make for pages of other sites are refused. [All options](configuration.md), which may stand in
flags, in the environment and in Milvus's own \`milvus.yaml\`.

With \`--json\` the first line of output says where it listens.

A write is answered after it is on disk, as in the library; reads keep to the consistency level of the
request or of the collection. A request takes at most 64 MiB, an answer 256 MiB. What goes wrong in a
call is told by Milvus's [codes and words](errors.md) in the status of the answer; bytes that are no
message are refused with INVALID_ARGUMENT.

## Calls of gRPC that are answered

${listed(answered)}.

Searches by several requests at once, with functions or
highlights are refused with code 10 (service unimplemented), as are functions in a schema.

Fields come and go while clients write and read. A client that sends rows by an older schema is told so
(code 109), asks for the new one and goes on by itself: pymilvus and the Node.js SDK do. Dropped values
take room on disk until their segments are rewritten, for certain by a compaction that is asked for.

## Calls of gRPC that are not

${listed(others)}.

Clients get UNIMPLEMENTED from these, and code 10 over HTTP.

## Paths of HTTP

${restPaths()}
`;
}
