/** The official Python client, unmodified, in both lines that people use, against a server of ours. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runServer } from '../server/running-server.ts';
import { partsOf, pythonWith } from './client-environments.ts';

const SCHEMA_SCRIPT = join(import.meta.dirname, 'pymilvus_schema_program.py');
const SCRIPT = join(import.meta.dirname, 'pymilvus_program.py');
const PARTS = ['quick_start', 'every_type', 'errors', 'databases', 'books', 'awaited'];

describe('pymilvus', () => {
  it('3.0.2 goes on while fields come and go', async (context) => {
    const python = pythonWith(context, {
      name: 'pymilvus-3.0.2',
      packages: ['pymilvus==3.0.2', 'numpy'],
      imports: 'pymilvus, numpy',
    });
    await using server = await runServer();
    const address = `http://127.0.0.1:${server.port}`;
    const { code, parts, errors } = await partsOf(python, [SCHEMA_SCRIPT, address]);
    expect({ code, parts }, errors).toEqual({ code: 0, parts: ['moving_schema'] });
  });

  for (const version of ['3.0.2', '2.6.17']) {
    it(`${version} does its work, from the quick start to the errors`, async (context) => {
      const python = pythonWith(context, {
        name: `pymilvus-${version}`,
        packages: [`pymilvus==${version}`, 'numpy'],
        imports: 'pymilvus, numpy',
      });
      await using server = await runServer();
      const address = `http://127.0.0.1:${server.port}`;
      const { code, parts, errors } = await partsOf(python, [SCRIPT, address]);
      expect({ code, parts }, errors).toEqual({ code: 0, parts: PARTS });
    });
  }
});
