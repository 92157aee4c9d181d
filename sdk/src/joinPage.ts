/** Asks the page that embeds this widget for a port, again and again until the time limit, and whenever it invites. */
import { createId } from './createId';
import { type FrameView, type Hello, type Invitation, PROTOCOL, type Welcome } from './frameProtocol';
import { guard } from './guard';
import { listen } from './listen';
import { canObserve } from './observeWell';
import { isOrigin } from './readValues';

const FIRST_RETRY_MS = 100;

/** @returns a way to stop waiting: the widget is about to go away. */
export function joinPage(
  configured: string[],
  limitMs: number,
  joined: (port: MessagePort, view: FrameView) => void,
  alone: () => void,
): () => void {
  const origins = pageOrigins(configured);
  let hello = greet();
  const startedAt = performance.now();
  let timer: ReturnType<typeof setTimeout>;
  let settled = false;

  const settle = (): boolean => {
    clearTimeout(timer);
    return !settled && (settled = true);
  };
  const giveUp = (): void => {
    if (settle()) alone();
  };
  const hear = ({ data, origin, source, ports }: MessageEvent<Partial<Welcome & Invitation> | null>): void => {
    if (source !== parent || !origins.includes(origin) || data?.eyeshot !== PROTOCOL) return;
    if (data.ask) {
      // It has begun, perhaps anew: what was settled before no longer holds.
      if (settled) hello = greet();
      settled = false;
      say();
    } else if (data.nonce === hello.nonce && data.view && ports[0] && settle()) joined(ports[0], data.view);
  };
  const say = (): void => origins.forEach((origin) => parent.postMessage(hello, origin));
  const ask = (waitMs: number): void => {
    say();
    const leftMs = startedAt + limitMs - performance.now();
    timer = setTimeout(guard(() => (waitMs < leftMs ? ask(waitMs * 2) : giveUp())), Math.min(waitMs, leftMs));
  };

  listen(window, 'message', hear);
  if (origins.length && parent !== window) ask(FIRST_RETRY_MS);
  else giveUp();
  return giveUp;
}

function greet(): Hello {
  return { eyeshot: PROTOCOL, nonce: createId(), blind: !canObserve() };
}

/** The configured pages, or only the right one of them where the browser tells who embeds us. */
function pageOrigins(configured: string[]): string[] {
  const actual: string | undefined = location.ancestorOrigins?.[0];
  if (configured.length) return configured.filter((origin) => !actual || origin === actual);
  const embedder = actual ?? document.referrer.split('/').slice(0, 3).join('/');
  return isOrigin(embedder) ? [embedder] : [];
}
