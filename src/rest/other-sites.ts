/**
 * Pages that a browser shows, and that ask for what is not theirs: without users any of them could read and drop
 * everything.
 */
import type { IncomingMessage } from 'node:http';

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
  return sources.some((source) => {
    const url = headers[source] ?? '';
    return url !== '' && (own === null || hostOf(url) !== own);
  });
}

/** Null: the text is no URL, as the origin `null` of a page that has none. */
function hostOf(url: string): string | null {
  return URL.parse(url)?.host ?? null;
}
