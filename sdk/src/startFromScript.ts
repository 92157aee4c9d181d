/** The API in; makes it the one global, and starts it with the attributes of the script's own tag. */
export function startFromScript(api: { init: (options: never) => void; on: unknown }): void {
  const script = document.currentScript as HTMLScriptElement | null;
  const page = window as { eyeshot?: unknown };
  // Loaded a second time: the first one goes on alone, or everything would count twice.
  if (page.eyeshot) return;
  page.eyeshot = api;
  if (script?.dataset.site) {
    api.init({ endpoint: new URL('/v1/events', script.src).href, ...script.dataset } as never);
  }
}
