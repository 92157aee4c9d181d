/** Hands a port, once, to each widget that asks from a configured origin; gives what it reports to `receive`. */
import { type FrameView, type Hello, PROTOCOL, type Welcome } from './frameProtocol';
import { guard } from './guard';

const WIDGETS_MAX = 100;

/** @returns a way to tell every widget that a new page view began. */
export function acceptWidgets(
  origins: string[],
  pageViewId: () => string,
  receive: (message: unknown, source: string) => void,
): () => void {
  const answered = new Set<string>();
  const ports: MessagePort[] = [];
  const view = (number: number): FrameView => ({
    page_view_id: pageViewId(),
    source: `widget${number}`,
    viewport: [innerWidth, innerHeight],
    consent: true,
  });

  function hear({ data, origin, source }: MessageEvent): void {
    if (!isHello(data) || !origins.includes(origin) || !isFrame(source)) return;
    if (answered.has(data.nonce) || ports.length >= WIDGETS_MAX) return;
    answered.add(data.nonce);
    const { port1, port2 } = new MessageChannel();
    const number = ports.push(port1);
    port1.onmessage = guard(({ data: message }: MessageEvent) => receive(message, `widget${number}`));
    const welcome: Welcome = { eyeshot: PROTOCOL, nonce: data.nonce, view: view(number) };
    source.postMessage(welcome, origin, [port2]);
  }

  if (origins.length) addEventListener('message', guard(hear));
  return () => ports.forEach((port, index) => port.postMessage(view(index + 1)));
}

function isHello(data: unknown): data is Hello {
  const { eyeshot, nonce } = (data ?? {}) as Partial<Hello>;
  return eyeshot === PROTOCOL && typeof nonce === 'string' && nonce.length === 22;
}

/** A frame of this very document: not a pop-up, not a frame within a frame. */
function isFrame(source: MessageEventSource | null): source is Window {
  return [...document.getElementsByTagName('iframe')].some((frame) => source && frame.contentWindow === source);
}
