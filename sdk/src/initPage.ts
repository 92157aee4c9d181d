/** The page's SDK: one queue for the page's own events and for those of its widgets. */
import { acceptWidgets } from './acceptWidgets';
import { assessTab } from './assessTab';
import { followPage } from './followPage';
import { openView } from './openView';
import { type PageOptions, readSettings } from './readSettings';
import { readReport } from './readReport';
import { reportEvents } from './reportEvents';
import { track } from './track';
import { whenActivated } from './whenActivated';

export function initPage(options: PageOptions): void {
  const settings = readSettings(options);
  whenActivated(() => {
    const reporter = reportEvents(settings, 'page', () => openView(location.href, document.referrer));
    const tracking = track(settings, reporter._record);
    const announce = acceptWidgets(settings._origins, reporter._viewId, (message, source) => {
      const report = readReport(message);
      if (!report) return;
      const { page_view_id, sequence, event } = report;
      const quality = (event.q ?? 0) | assessTab();
      reporter._add(page_view_id, source, sequence, { ...event, q: quality || undefined });
    });
    followPage({
      _left(time) {
        tracking._pause(time);
        reporter._leave();
      },
      _seenAgain: tracking._resume,
      _restored() {
        reporter._renew();
        announce();
        tracking._restart();
      },
    });
  });
}
