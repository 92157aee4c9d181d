/** The publisher's page and its referrer in, as URLs; a new page view out. Neither keeps its query string. */
import { createId } from './createId';
import type { View } from './groupIntoBatches';

const URL_CHARS_MAX = 2048;

export function openView(page: string, referrer: string): View {
  return { _id: createId(), _page: strip(page), _referrer: strip(referrer) };
}

function strip(url: string): string {
  return url.split(/[?#]/)[0]!.slice(0, URL_CHARS_MAX);
}
