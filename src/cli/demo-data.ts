/** The data that ships with the package: 5,000 real packages and 50 questions, with embeddings. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { must } from '../base/assert.ts';
import { float16ToFloat32 } from '../schema/vectors.ts';

/** Dimensions of the embeddings. */
export const EMBEDDING_DIM = 384;

/** One line of `packages-5k.jsonl.gz`, as the demo uses it. */
export interface PackageFacts {
  readonly id: number;
  readonly name: string;
  readonly about: string;
  readonly section: string;
  readonly priority: string;
  readonly installed_kb: number;
  readonly homepage: string | null;
  readonly tags: readonly string[];
  readonly depends: number;
}

export interface DemoPackage extends PackageFacts {
  readonly embedding: Float32Array;
}

export interface Question {
  readonly text: string;
  readonly embedding: Float32Array;
}

// The same folder seen from the sources and from their compiled form.
const DATA_FOLDER = new URL('../../demo/data/', import.meta.url);

export async function readPackages(): Promise<DemoPackage[]> {
  const [lines, embeddings] = await Promise.all([
    readFile(new URL('packages-5k.jsonl.gz', DATA_FOLDER)).then((bytes) =>
      promisify(gunzip)(bytes),
    ),
    readEmbeddings('packages-5k.f16'),
  ]);
  const facts = lines
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as PackageFacts);
  return facts.map((each, row) => ({
    id: each.id,
    name: each.name,
    about: each.about,
    section: each.section,
    priority: each.priority,
    installed_kb: each.installed_kb,
    homepage: each.homepage,
    tags: each.tags,
    depends: each.depends,
    embedding: vectorOf(embeddings, row),
  }));
}

export async function readQuestions(): Promise<Question[]> {
  const [text, embeddings] = await Promise.all([
    readFile(new URL('queries.json', DATA_FOLDER), 'utf8'),
    readEmbeddings('queries.f16'),
  ]);
  const texts = JSON.parse(text) as string[];
  return texts.map((question, row) => ({ text: question, embedding: vectorOf(embeddings, row) }));
}

/** The question with this text, which ships with the package. */
export function questionNamed(questions: readonly Question[], text: string): Question {
  return must(
    questions.find((question) => question.text === text),
    `the demo data has the question "${text}"`,
  );
}

async function readEmbeddings(name: string): Promise<Float32Array> {
  const bytes = await readFile(new URL(name, DATA_FOLDER));
  const bits = new Uint16Array(bytes.length / 2);
  for (let i = 0; i < bits.length; i++) bits[i] = bytes.readUInt16LE(i * 2);
  return float16ToFloat32(bits);
}

function vectorOf(embeddings: Float32Array, row: number): Float32Array {
  return embeddings.subarray(row * EMBEDDING_DIM, (row + 1) * EMBEDDING_DIM);
}
