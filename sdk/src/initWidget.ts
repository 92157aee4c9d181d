/** The widget's SDK: its events go through the page's SDK; without one it reports alone, and says so. */
import { QUALITY, type WireEvent } from './event';
import { followPage } from './followPage';
import type { FrameView } from './frameProtocol';
import { joinPage } from './joinPage';
import { openView } from './openView';
import { readSettings, type WidgetOptions } from './readSettings';
import { type Reporter, reportEvents } from './reportEvents';
import { reportThroughPage } from './reportThroughPage';
import { track } from './track';
import { whenActivated } from './whenActivated';

export function initWidget(options: WidgetOptions): void {
  const settings = readSettings(options);
  if (!settings._widget) throw new Error('widget is not set: name it, with data-widget');
  whenActivated(() => {
    /** Who reports is not known yet: events wait. */
    const waiting: WireEvent[] = [];
    let record = (event: WireEvent): void => void waiting.push(event);
    let alone: Reporter | undefined;
    const tracking = track(settings, (event) => record(event), document.documentElement);

    const settle = (how: (event: WireEvent) => void): void => {
      record = how;
      waiting.forEach(how);
    };
    const learn = ({ viewport }: FrameView): void => {
      settings._viewport = viewport;
    };
    const giveUp = joinPage(
      settings._origins,
      settings._joinMs,
      (port, view) => {
        learn(view);
        settle(reportThroughPage(port, view, (renewed) => {
          learn(renewed);
          tracking._restart();
        }));
      },
      () => {
        const reporter = reportEvents(settings, 'widget0', () => openView(document.referrer, ''));
        alone = reporter;
        settle((event) => reporter._record({ ...event, q: (event.q ?? 0) | QUALITY.unauthenticated_frame }));
      },
    );
    followPage({
      _left(time) {
        tracking._pause(time);
        giveUp();
        alone?._leave();
      },
      _seenAgain: tracking._resume,
      _restored() {
        if (!alone) return;
        alone._renew();
        tracking._restart();
      },
    });
  });
}
