/** A port to the page's SDK in; a way to report events through it out. The page names the page view and the source. */
import type { WireEvent } from './event';
import type { FrameView, Report } from './frameProtocol';
import { guard } from './guard';
import { emit } from './on';

export interface Channel {
  _record(event: WireEvent): void;
  /** The final count of the page view, as far as it goes. */
  _leave(): void;
}

/** `changing` hears of each further state of the page before it is taken over, `changed` after; `renewed`: it is another page view. */
export function reportThroughPage(
  port: MessagePort,
  first: FrameView,
  changing: (renewed: boolean) => void,
  changed: (view: FrameView, renewed: boolean) => void,
): Channel {
  let view = first;
  let next = 0;
  let ended = 0;
  const send = (event: WireEvent): void => {
    const report: Report = { page_view_id: view.page_view_id, sequence: next++, event };
    port.postMessage(report);
  };
  const leave = (): void => {
    if (next <= ended) return;
    ended = next + 1;
    send({ et: 'page_end', ts: Date.now() });
  };
  port.onmessage = guard(({ data }: MessageEvent<FrameView>) => {
    const renewed = data.page_view_id !== view.page_view_id;
    changing(renewed);
    if (renewed) {
      leave();
      next = ended = 0;
    }
    view = data;
    changed(data, renewed);
  });
  return {
    _record(event) {
      if (!view.consent) return;
      const { page_view_id, source } = view;
      emit('seen', { event, page_view_id, source, sequence: next });
      send(event);
    },
    _leave: leave,
  };
}
