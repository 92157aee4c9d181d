/** Events in; numbers them, queues them and sends them for this document: the page, or a widget that is alone. */
import { collect } from './collect';
import { deliver } from './deliver';
import type { WireEvent } from './event';
import { isHidden } from './followPage';
import { emit } from './on';
import type { View } from './openView';
import type { Settings } from './readSettings';

/** Its own number says how many events the page view had before it. */
export const PAGE_END = 'page_end';

/** What is still on its way is taken for so many page views: routers redirect more than once in a task. */
const VIEWS_MAX = 10;

export interface Reporter {
  /** The id of the page view that goes on now. */
  _viewId(): string;
  /** Our own event, with our next number. */
  _record(event: WireEvent): void;
  /** An event that was numbered elsewhere; refused if the page view is unknown or the number was used. */
  _add(viewId: string, source: string, sequence: number, event: WireEvent): void;
  _leave(gone: boolean): void;
  /** The page can be seen again. */
  _wake(): void;
  /** A new page view begins; what is still on its way from those before is taken. */
  _renew(view: View): void;
  /** Back from the back/forward cache. */
  _reopen(): void;
}

/** @param first the first number that is free */
export function reportEvents(settings: Settings, ownSource: string, view: View, first = 0): Reporter {
  const delivery = deliver(settings, () => collection._peek());
  const collection = collect(settings, delivery._add);
  let views = [view];

  const record = (event: WireEvent): void => add(views[0]!._id, ownSource, views[0]!._next[ownSource] ?? first, event);
  const leave = (gone: boolean): void => {
    end(gone);
    delivery._leave(collection._take(), gone);
  };
  /** Says how many events there were, if there were more than was said before: our own; when the page is gone, of all widgets too. */
  function end(all = false): void {
    const { _id, _next, _ended } = views[0]!;
    for (const [source, next] of Object.entries(_next)) {
      if ((all || source === ownSource) && next > (_ended[source] ?? 0)) add(_id, source, next, { et: PAGE_END, ts: Date.now() });
    }
  }
  function add(viewId: string, source: string, sequence: number, event: WireEvent): void {
    const of = views.find(({ _id }) => _id === viewId);
    if (!of || sequence < (of._next[source] ?? 0)) return;
    of._next[source] = sequence + 1;
    collection._add({ _view: of, _source: source, _sequence: sequence, _event: event });
    delivery._changed();
    if (event.et === PAGE_END) {
      of._ended[source] = sequence + 1;
      return;
    }
    emit('seen', { event, page_view_id: viewId, source, sequence });
    if (isHidden()) leave(false);
  }
  return {
    _viewId: () => views[0]!._id,
    _record: record,
    _add: add,
    _leave: leave,
    _wake: delivery._wake,
    _renew(renewed) {
      end();
      views = [renewed, ...views].slice(0, VIEWS_MAX);
      first = 0;
    },
    _reopen: delivery._reopen,
  };
}
