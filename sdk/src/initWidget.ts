/** The widget's SDK: its events go through the page's SDK; without one it reports alone, and says so. */
import { QUALITY, type WireEvent } from './event';
import { followPage, isHidden } from './followPage';
import type { FrameView } from './frameProtocol';
import { joinPage } from './joinPage';
import { loadPart } from './loadPart';
import { openView, type View } from './openView';
import type { WidgetSettings } from './readSettings';
import { type Reporter } from './reportEvents';
import { type Channel, reportThroughPage } from './reportThroughPage';
import { serialize, toBatch } from './toBatch';
import { track, type Tracking } from './track';
import { whenActivated } from './whenActivated';
import { whenParsed } from './whenParsed';

const ALONE = 'widget0';

export function initWidget(settings: WidgetSettings): void {
  whenActivated(() => whenParsed(() => start(settings)));
}

function start(settings: WidgetSettings): void {
  /** Until it is known who reports, events wait here. */
  let waiting: WireEvent[] = [];
  let channel: Channel | undefined;
  let alone: Reporter | undefined;
  let aloneView: View | undefined;
  let first = 0;
  let tracking: Tracking | undefined;
  /** The page did not take its consent back. */
  let may = true;

  const record = (event: WireEvent): void => {
    if (channel) channel._record(event);
    else if (alone) alone._record(event);
    else waiting.push(aloneView ? doubted(event) : event);
  };

  function begin(): void {
    if (tracking) return;
    tracking = track(settings, (event) => record(alone && !channel ? doubted(event) : event), () => {}, document.documentElement);
    followPage({
      _left(time, gone, kept) {
        tracking!._pause(time);
        stopWaiting();
        // A page that Firefox keeps for the way back is lost when a message reaches it.
        if (channel) kept || channel._leave();
        else if (alone) alone._leave(gone);
        else hurry();
      },
      _seenAgain() {
        if (may) tracking!._resume();
        alone?._wake();
      },
      _restored() {
        if (channel || !aloneView) return;
        aloneView = openView(document.referrer, '');
        first = 0;
        alone?._reopen();
        alone?._renew(aloneView);
        tracking!._restart();
      },
    });
  }

  function join(port: MessagePort, view: FrameView): void {
    const anew = !!channel;
    channel = reportThroughPage(port, view, (renewed) => renewed && tracking?._pause(performance.now()), follow);
    follow(view, anew);
    waiting.splice(0).forEach(channel._record);
  }

  function follow({ viewport, consent, visible }: FrameView, renewed: boolean): void {
    settings._viewport = viewport;
    if (visible) loadPart('fallback', (observer) => observer.told?.(visible));
    may = consent;
    if (may) begin();
    else tracking?._pause(performance.now());
    if (renewed) tracking?._restart();
    // In another viewport, what is taller than that needs another share.
    else if (consent && !isHidden()) tracking!._resume();
  }

  function goAlone(): void {
    aloneView = openView(document.referrer, '');
    waiting = waiting.map(doubted);
    loadPart('alone', (reportEvents) => {
      alone = reportEvents(settings, ALONE, aloneView!, first);
      waiting.splice(0).forEach(alone._record);
    });
  }

  /** It is left before the means to send are there: now or never. */
  function hurry(): void {
    if (!aloneView || !waiting.length) return;
    const body = (events: WireEvent[]): string => serialize(toBatch(settings.site, aloneView!, ALONE, first, events));
    if (navigator.sendBeacon?.(settings.endpoint, body([...waiting, { et: 'page_end', ts: Date.now() }]))) {
      first += waiting.length + 1;
      waiting = [];
      // Not taken: if the page goes on, the same is sent again under the same numbers.
    } else void fetch(settings.endpoint, { method: 'POST', body: body(waiting), keepalive: true, credentials: 'omit' }).catch(() => {});
  }

  // With the page's consent alone, nothing is looked at before the page has spoken.
  if (!settings._pageDecides) begin();
  const stopWaiting = joinPage(settings._origins, settings.joinMs, join, settings._pageDecides ? () => {} : goAlone);
}

function doubted(event: WireEvent): WireEvent {
  return { ...event, q: (event.q ?? 0) | QUALITY.unauthenticated_frame };
}
