/** Frameworks that keep their vectors in Milvus, unmodified, against a server of ours. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runServer } from '../server/running-server.ts';
import { folderWith, partsOf, pythonWith } from './client-environments.ts';

const PYTHON = [
  {
    name: 'langchain-milvus-0.4.0',
    packages: ['langchain-milvus==0.4.0'],
    imports: 'langchain_milvus',
    script: 'langchain_program.py',
    parts: ['plain', 'dynamic', 'partitioned', 'awaited'],
  },
  {
    name: 'llama-index-milvus-1.2.0',
    packages: ['llama-index-vector-stores-milvus==1.2.0'],
    imports: 'llama_index.vector_stores.milvus',
    script: 'llama_index_program.py',
    parts: ['plain', 'removal', 'indexed'],
  },
  {
    name: 'milvus-haystack-0.1.0',
    packages: ['milvus-haystack==0.1.0'],
    imports: 'milvus_haystack',
    script: 'haystack_program.py',
    parts: ['documents'],
  },
];

describe('frameworks', () => {
  for (const { script, parts: expected, ...packages } of PYTHON) {
    it(`${packages.name} finds what it stored`, async (context) => {
      const python = pythonWith(context, packages);
      await using server = await runServer();
      const address = `http://127.0.0.1:${server.port}`;
      const args = [join(import.meta.dirname, script), address];
      const { code, parts, errors } = await partsOf(python, args);
      expect({ code, parts }, errors).toEqual({ code: 0, parts: expected });
    });
  }

  it('@langchain/community finds what it stored', async (context) => {
    const folder = folderWith(context, 'langchain-community-1', [
      '@langchain/community@1',
      '@langchain/core@1',
      '@zilliz/milvus2-sdk-node@3.0.6',
    ]);
    // A program finds the packages that lie above it.
    const script = join(folder, 'langchain-program.mjs');
    copyFileSync(join(import.meta.dirname, 'langchain-program.mjs'), script);
    await using server = await runServer();
    const address = `127.0.0.1:${server.port}`;
    const { code, parts, errors } = await partsOf(process.execPath, [script, address]);
    expect({ code, parts }, errors).toEqual({ code: 0, parts: ['documents'] });
  });

  it('milvus-cli lists and describes', async (context) => {
    const python = pythonWith(context, {
      name: 'milvus-cli-1.2.1',
      packages: ['milvus-cli==1.2.1'],
      imports: 'milvus_cli',
    });
    await using server = await runServer();
    const { service } = server;
    await service.createCollection('', {
      name: 'books',
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'v', type: 'FloatVector', dim: 2 },
      ],
    });
    const rows = [{ id: 1, v: [1, 2] }];
    await service.insert({ databaseName: '', collectionName: 'books', rows });
    const commands = [
      `connect -uri http://127.0.0.1:${server.port}`,
      'list collections',
      'show collection -c books',
      'list partitions -c books',
      'exit',
    ];
    const program = join(python, '..', 'milvus_cli');
    const { code, parts, errors } = await partsOf(program, [], `${commands.join('\n')}\n`);
    const output = parts.join('\n');
    expect(code, errors).toBe(0);
    expect(output).toMatch(/\|\s+books\s+\|/);
    expect(output).toMatch(/Entities\s+\|\s+1\s/);
    expect(output).toContain("['_default']");
  });
});
