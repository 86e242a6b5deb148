/** `npm run docs`: writes the pages of tools/pages.ts that no longer fit the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from './pages.ts';

for (const { path, text } of pages()) {
  const absolute = join(import.meta.dirname, '..', path);
  if (text === readFileSync(absolute, { encoding: 'utf8', flag: 'a+' })) continue;
  writeFileSync(absolute, text);
  console.log(`${path} written`);
}
