/** Calls `changed` when the page's address becomes that of another view; gives a way to look, for browsers that do not tell. */
import { listen } from './listen';
import { stripUrl } from './openView';

export function followRoute(changed: () => void): () => void {
  let route = stripUrl(location.href);
  const look = (): void => {
    const now = stripUrl(location.href);
    if (now === route) return;
    route = now;
    changed();
  };
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation) listen(navigation, 'currententrychange', look);
  else {
    listen(window, 'popstate', look);
    listen(window, 'hashchange', look);
  }
  return look;
}
