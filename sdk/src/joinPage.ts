/** Asks the page that embeds this widget for a port, again and again until the time limit; calls one of the two, once. */
import { createId } from './createId';
import { type FrameView, type Hello, PROTOCOL, type Welcome } from './frameProtocol';
import { guard } from './guard';
import { isOrigin } from './readSettings';

const FIRST_RETRY_MS = 100;

/** @returns a way to stop waiting: the widget is about to go away. */
export function joinPage(
  configured: string[],
  limitMs: number,
  joined: (port: MessagePort, view: FrameView) => void,
  alone: () => void,
): () => void {
  const origins = pageOrigins(configured);
  const hello: Hello = { eyeshot: PROTOCOL, nonce: createId() };
  const startedAt = performance.now();
  let timer: ReturnType<typeof setTimeout>;
  let settled = false;

  const settle = (): boolean => {
    clearTimeout(timer);
    removeEventListener('message', hear);
    return !settled && (settled = true);
  };
  const giveUp = (): void => {
    if (settle()) alone();
  };
  const hear = guard(({ data, origin, source, ports }: MessageEvent<Partial<Welcome> | null>) => {
    const genuine = source === parent && origins.includes(origin) && data?.nonce === hello.nonce;
    if (genuine && data?.view && ports[0] && settle()) joined(ports[0], data.view);
  });
  const ask = (waitMs: number): void => {
    for (const origin of origins) parent.postMessage(hello, origin);
    const leftMs = startedAt + limitMs - performance.now();
    timer = setTimeout(guard(() => (waitMs < leftMs ? ask(waitMs * 2) : giveUp())), Math.min(waitMs, leftMs));
  };

  addEventListener('message', hear);
  if (origins.length && parent !== window) ask(FIRST_RETRY_MS);
  else giveUp();
  return giveUp;
}

/** The configured pages, or only the right one of them where the browser tells who embeds us. */
function pageOrigins(configured: string[]): string[] {
  const actual: string | undefined = location.ancestorOrigins?.[0];
  if (configured.length) return configured.filter((origin) => !actual || origin === actual);
  const embedder = actual ?? document.referrer.split('/').slice(0, 3).join('/');
  return isOrigin(embedder) ? [embedder] : [];
}
