/** The API in; makes it the one global, and starts it with the attributes of the script's own tag. */
import { partsAreBeside } from './loadPart';

export function startFromScript<A extends { init: (options: never) => void }>(api: A): void {
  const script = document.currentScript as HTMLScriptElement | null;
  const page = window as { eyeshot?: unknown };
  // Loaded a second time: the first one goes on alone, or everything would count twice.
  if (page.eyeshot) return;
  page.eyeshot = { ...api, parts: {} };
  partsAreBeside(script);
  if (script?.dataset.site) {
    api.init({ endpoint: new URL('/v1/events', script.src).href, ...script.dataset } as never);
  }
}
