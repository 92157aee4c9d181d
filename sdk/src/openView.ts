/** The publisher's page and its referrer in, as URLs; a new page view out. Neither keeps its query string. */
import { createId } from './createId';

export interface View {
  _id: string;
  _page: string;
  _referrer: string;
  /** The first number that is free, by source. */
  _next: { [source: string]: number };
  /** As it was after the final count that was last said, by source. */
  _ended: { [source: string]: number };
}

const URL_CHARS_MAX = 2048;

export function openView(page: string, referrer: string): View {
  return { _id: createId(), _page: stripUrl(page), _referrer: stripUrl(referrer), _next: {}, _ended: {} };
}

/** The fragment stays where it is a route, as in `#/story` and `#!/story`. */
export function stripUrl(url: string): string {
  const [, path = '', route = ''] = /^([^?#]*)[^#]*(#!?\/[^?]*)?/.exec(url)!;
  return (path + route).slice(0, URL_CHARS_MAX);
}
