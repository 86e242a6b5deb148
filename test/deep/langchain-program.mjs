/** LangChain.js's Milvus store over a server. */
import assert from 'node:assert/strict';
import { Milvus } from '@langchain/community/vectorstores/milvus';
import { Embeddings } from '@langchain/core/embeddings';

const WORDS = ['chess', 'compiler', 'music', 'network'];
class WordCounts extends Embeddings {
  async embedQuery(text) {
    return WORDS.map((word) => text.split(word).length - 1 + 0.01);
  }
  async embedDocuments(texts) {
    return await Promise.all(texts.map((text) => this.embedQuery(text)));
  }
}
const texts = ['a chess game', 'a compiler', 'music to hear', 'a network game'];
const metadatas = texts.map((text, i) => ({ size: i * 10, section: i % 2 === 0 ? 'even' : 'odd' }));
const store = await Milvus.fromTexts(texts, metadatas, new WordCounts({}), {
  collectionName: 'langchain_js',
  url: process.argv[2],
  ssl: false,
});
const found = await store.similaritySearch('chess', 1);
assert.equal(found[0].pageContent, 'a chess game');
const filtered = await store.similaritySearch('game network chess', 4, 'section == "odd"');
assert.deepEqual(filtered.map((one) => one.pageContent).sort(), ['a compiler', 'a network game']);
await store.delete({ filter: 'size >= 20' });
const left = await store.similaritySearch('music', 4);
assert.deepEqual(left.map((one) => one.pageContent).sort(), ['a chess game', 'a compiler']);
const again = await Milvus.fromExistingCollection(new WordCounts({}), {
  collectionName: 'langchain_js',
  url: process.argv[2],
  ssl: false,
});
assert.equal((await again.similaritySearch('compiler', 1))[0].pageContent, 'a compiler');
console.log('documents');
process.exit(0);
