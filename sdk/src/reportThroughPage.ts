/** A port to the page's SDK in; a way to report events through it out. The page names the page view and the source. */
import type { WireEvent } from './event';
import type { FrameView, Report } from './frameProtocol';
import { guard } from './guard';
import { emit } from './on';

/** `renewed` hears of each further page view. */
export function reportThroughPage(
  port: MessagePort,
  first: FrameView,
  renewed: (view: FrameView) => void,
): (event: WireEvent) => void {
  let view = first;
  let next = 0;
  port.onmessage = guard(({ data }: MessageEvent<FrameView>) => {
    view = data;
    next = 0;
    renewed(view);
  });
  return (event) => {
    if (!view.consent) return;
    const { page_view_id, source } = view;
    const report: Report = { page_view_id, sequence: next++, event };
    port.postMessage(report);
    emit('seen', { event, page_view_id, source, sequence: report.sequence });
  };
}
