/** Whether the address of a client means a database of this machine, which needs no server. */
import { fileURLToPath } from 'node:url';
import { MEMORY_PATH } from '../core/open.ts';

/** A folder by its look: no host is written so. */
const PATH = /^(?:\.{1,2}(?:[/\\]|$)|[/\\~]|[A-Za-z]:[/\\])/;
const URI = /^[A-Za-z][A-Za-z\d+.-]+:\/\//;

/**
 * The path of the database that an address names; null for an address on the network. Paths begin with `./`,
 * `../`, `/` or a drive, or end in `.db`; `file:` URIs and `:memory:` are paths too.
 */
export function databasePathOf(address: string): string | null {
  if (address === MEMORY_PATH) return address;
  if (address.startsWith('file:')) return fileURLToPath(address);
  if (URI.test(address)) return null;
  return PATH.test(address) || address.endsWith('.db') ? address : null;
}
