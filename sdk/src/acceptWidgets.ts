/** Hands a port, once, to each widget that asks from a configured origin; gives what it reports to `add`. */
import type { WireEvent } from './event';
import { type FrameView, type Hello, type Invitation, PROTOCOL, type Welcome } from './frameProtocol';
import { guard } from './guard';
import { atStop, listen } from './listen';
import { judge } from './judge';
import { limitRate } from './limitRate';
import { isOrigin } from './readValues';
import { readReport } from './readReport';
import { tellGeometry } from './tellGeometry';

/** At the same time; and in a page view, as sources have four digits. */
const WIDGETS_MAX = 100;
const SOURCES_MAX = 9000;
/** Events of one widget: at once (more links than a screen can show), and per second in the long run. */
const BURST = 1000;
const PER_SECOND = 20;

interface Widget {
  _port: MessagePort;
  _source: string;
  /** A widget asks until it is answered: what it asked with is answered once. */
  _nonce: string;
  _view: Partial<FrameView>;
  _stop(): void;
}

/** @returns a way to tell every widget that a new page view began. */
export function acceptWidgets(
  origins: string[],
  pageViewId: () => string,
  add: (viewId: string, source: string, sequence: number, event: WireEvent) => void,
): () => void {
  const widgets = new Map<MessageEventSource, Widget>();
  /** Those of this page view: none is given twice. */
  let sources = new Set<string>();
  const viewOf = ({ _source, _view }: Widget): FrameView => ({
    page_view_id: pageViewId(),
    source: _source,
    viewport: [innerWidth, innerHeight],
    consent: true,
    ..._view,
  });
  const tell = (widget: Widget): void => widget._port.postMessage(viewOf(widget));
  const tellAll = (): void => widgets.forEach(tell);

  function hear({ data, origin, source }: MessageEvent): void {
    if (!isHello(data) || !origins.includes(origin) || widgets.get(source!)?._nonce === data.nonce) return;
    const frame = findFrames().find(({ contentWindow }) => source && contentWindow === source);
    if (frame) welcome(frame, data, origin);
  }

  function welcome(frame: HTMLIFrameElement, { nonce, blind }: Hello, origin: string): void {
    const here = new Set<MessageEventSource | null>(findFrames().map(({ contentWindow }) => contentWindow));
    for (const each of [...widgets.keys()]) if (!here.has(each)) forget(each);
    // Reloaded, or navigated: who spoke there before is gone.
    forget(frame.contentWindow!);
    if (widgets.size >= WIDGETS_MAX || sources.size >= SOURCES_MAX) return;
    const { port1, port2 } = new MessageChannel();
    const widget: Widget = { _port: port1, _source: nextSource(), _nonce: nonce, _view: {}, _stop() {} };
    const mayPass = limitRate(BURST, PER_SECOND);
    port1.onmessage = guard(({ data }: MessageEvent) => {
      const report = mayPass(performance.now()) && readReport(data);
      if (report) add(report.page_view_id, widget._source, report.sequence, judge(frame, report.event));
    });
    widgets.set(frame.contentWindow!, widget);
    const answer: Welcome = { eyeshot: PROTOCOL, nonce, view: viewOf(widget) };
    frame.contentWindow!.postMessage(answer, origin, [port2]);
    if (blind) {
      widget._stop = tellGeometry(frame, (visible) => {
        widget._view = { visible };
        tell(widget);
      });
    }
  }

  function nextSource(): string {
    let number = sources.size;
    let source;
    do source = `widget${++number}`;
    while (sources.has(source));
    sources.add(source);
    return source;
  }

  function forget(frame: MessageEventSource): void {
    widgets.get(frame)?._port.close();
    widgets.get(frame)?._stop();
    widgets.delete(frame);
  }

  listen(window, 'message', hear);
  listen(window, 'resize', tellAll);
  invite(origins);
  atStop(() => {
    for (const widget of widgets.values()) {
      widget._stop();
      widget._view = { consent: false };
      tell(widget);
    }
  });
  return () => {
    sources = new Set([...widgets.values()].map(({ _source }) => _source));
    tellAll();
  };
}

/** Widgets that were here first, and wait for consent, are told that they may ask again. */
function invite(origins: string[]): void {
  const invitation: Invitation = { eyeshot: PROTOCOL, ask: true };
  for (const { contentWindow, contentDocument, src, sandbox } of findFrames()) {
    const origin = src.split('/', 3).join('/');
    const opaque = sandbox.length > 0 && !sandbox.contains('allow-same-origin');
    // A document that we may read is not the widget's yet: that will ask by itself.
    if (!contentDocument && !opaque && isOrigin(origin) && origins.includes(origin)) contentWindow?.postMessage(invitation, origin);
  }
}

function isHello(data: unknown): data is Hello {
  const { eyeshot, nonce } = (data ?? {}) as Partial<Hello>;
  return eyeshot === PROTOCOL && typeof nonce === 'string' && nonce.length === 22;
}

/** The frames of this very document: not a pop-up, not a frame within a frame. */
function findFrames(): HTMLIFrameElement[] {
  return [...document.getElementsByTagName('iframe')];
}
