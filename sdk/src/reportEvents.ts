/** Events in; numbers them, queues them and sends them for this document: the page, or a widget that is alone. */
import { collect } from './collect';
import { deliver } from './deliver';
import type { WireEvent } from './event';
import { isHidden } from './followPage';
import type { View } from './groupIntoBatches';
import { emit } from './on';
import type { Settings } from './readSettings';

export interface Reporter {
  /** The id of the page view that goes on now. */
  _viewId(): string;
  /** Our own event, with our next number. */
  _record(event: WireEvent): void;
  /** An event that was numbered elsewhere; refused if the page view is unknown or the number was used. */
  _add(viewId: string, source: string, sequence: number, event: WireEvent): void;
  _leave(): void;
  /** A new page view begins; what is still on its way from the one before is taken. */
  _renew(): void;
}

export function reportEvents(settings: Settings, ownSource: string, open: () => View): Reporter {
  const delivery = deliver(settings._endpoint);
  const collection = collect(settings._site, delivery._add);
  const next = new Map<string, number>();
  let current = open();
  let previous: View | undefined;

  const leave = (): void => delivery._leave(collection._take());
  const add = (viewId: string, source: string, sequence: number, event: WireEvent): void => {
    const view = [current, previous].find((each) => each?._id === viewId);
    if (!view || sequence < (next.get(viewId + source) ?? 0)) return;
    next.set(viewId + source, sequence + 1);
    collection._add({ _view: view, _source: source, _sequence: sequence, _event: event });
    emit('seen', { event, page_view_id: viewId, source, sequence });
    if (isHidden()) leave();
  };
  return {
    _viewId: () => current._id,
    _record: (event) => add(current._id, ownSource, next.get(current._id + ownSource) ?? 0, event),
    _add: add,
    _leave: leave,
    _renew() {
      previous = current;
      current = open();
    },
  };
}
