/** The widget's SDK: its events go through the page's SDK; without one it reports alone, and says so. */
import { QUALITY, type WireEvent } from './event';
import { followPage } from './followPage';
import type { FrameView } from './frameProtocol';
import { joinPage } from './joinPage';
import { openView } from './openView';
import { readSettings, type Settings, type WidgetOptions } from './readSettings';
import { type Reporter, reportEvents } from './reportEvents';
import { reportThroughPage } from './reportThroughPage';
import { track } from './track';
import { whenActivated } from './whenActivated';
import { whenParsed } from './whenParsed';

export function initWidget(options: WidgetOptions): void {
  const settings = readSettings(options);
  if (!settings._widget) throw new Error('widget is not set: name it, with data-widget');
  whenActivated(() => whenParsed(() => start(settings)));
}

function start(settings: Settings): void {
  /** Until it is known who reports, events wait here. */
  const waiting: WireEvent[] = [];
  let record = (event: WireEvent): void => void waiting.push(event);
  let alone: Reporter | undefined;
  const tracking = track(settings, (event) => record(event), document.documentElement);

  const settle = (how: (event: WireEvent) => void): void => {
    record = how;
    waiting.forEach(how);
  };
  const reportJoined = (port: MessagePort, view: FrameView): void => {
    settings._viewport = view.viewport;
    const renew = (renewed: FrameView): void => {
      settings._viewport = renewed.viewport;
      tracking._restart();
    };
    settle(reportThroughPage(port, view, renew));
  };
  const reportAlone = (): void => {
    const reporter = reportEvents(settings, 'widget0', () => openView(document.referrer, ''));
    alone = reporter;
    settle((event) => reporter._record({ ...event, q: (event.q ?? 0) | QUALITY.unauthenticated_frame }));
  };

  const stopWaiting = joinPage(settings._origins, settings._joinMs, reportJoined, reportAlone);
  followPage({
    _left(time) {
      tracking._pause(time);
      stopWaiting();
      alone?._leave();
    },
    _seenAgain: tracking._resume,
    _restored() {
      if (!alone) return;
      alone._renew();
      tracking._restart();
    },
  });
}
