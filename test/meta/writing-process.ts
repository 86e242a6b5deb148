/**
 * A process that writes to a sqlite store until it is killed: each line it prints is a transaction that
 * was acknowledged, with its revision.
 */
import { sqliteMetaStore } from '../../src/meta/sqlite-store.ts';

const [path = '', round = ''] = process.argv.slice(2);
const store = await sqliteMetaStore(path);
for (let number = 0; ; number++) {
  const value = Buffer.alloc(1 + ((number * 97) % 3000), number);
  const revision = await store.transact({
    puts: [
      { key: `/round/${round}/${number}`, value },
      { key: '/last', value: Buffer.from(`${round}/${number}`) },
    ],
    removes: number >= 20 ? [`/round/${round}/${number - 20}`] : [],
  });
  process.stdout.write(`${number} ${revision}\n`);
}
