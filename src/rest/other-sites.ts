/**
 * Pages that a browser shows, and that ask for what is not theirs: without users any of them could read and drop
 * everything. A page may also be served by a name that then comes to mean this machine (DNS rebinding): its
 * browser takes us for the site of the page. So a page is our own only where it calls us by an address or as
 * `localhost`, which no other site can be, or where its browser trusts the connection and says so.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

type Source = 'origin' | 'referer';

/** Whether a page of another site asks. */
export function isFromOtherSite(request: IncomingMessage): boolean {
  return isForeign(request, ['origin']);
}

/** The same for a GET that changes something: a link or a picture has no origin, but says which page it is of. */
export function isFromOtherPage(request: IncomingMessage): boolean {
  return isForeign(request, ['origin', 'referer']);
}

function isForeign({ headers }: IncomingMessage, sources: readonly Source[]): boolean {
  const site = headers['sec-fetch-site'];
  // A browser that says it knows better than we do, also behind a proxy. It says so only where it trusts the
  // connection, as to its own machine.
  if (site !== undefined) return site === 'cross-site' || site === 'same-site';
  const own = hostOf(`http://${headers.host ?? ''}`);
  const isPages = sources.some((source) => (headers[source] ?? '') !== '');
  const mayChange = sources.includes('referer');
  // A page may leave out where it is from, but hardly what shows it.
  const isBrowsers = mayChange && (headers['user-agent'] ?? '').startsWith('Mozilla/');
  if ((isPages || isBrowsers) && !isOnlyOurs(own)) return true;
  return sources.some((source) => {
    const url = headers[source] ?? '';
    return url !== '' && (own === null || hostOf(url) !== own);
  });
}

/** Whether nobody else can have that name. */
function isOnlyOurs(host: string | null): boolean {
  const { hostname = '' } = URL.parse(`http://${host ?? ''}`) ?? {};
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
  return isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** Null: the text is no URL, as the origin `null` of a page that has none. */
function hostOf(url: string): string | null {
  return URL.parse(url)?.host ?? null;
}
