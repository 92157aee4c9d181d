/** Settings in; reports every impression and click of the document's targets. */
import { assessTab } from './assessTab';
import { WIDGET_ATTRIBUTE, describe } from './describe';
import type { WireEvent } from './event';
import { findTargets } from './findTargets';
import { inspectWith } from './inspect';
import { atStop } from './listen';
import { observeWell } from './observeWell';
import type { Settings } from './readSettings';
import { trackClicks } from './trackClicks';
import { watch } from './watch';

export interface Tracking {
  _pause(time: number): void;
  _resume(): void;
  /** A new page view: everything counts again. */
  _restart(): void;
}

/** @param changed is called whenever elements were added */
export function track(settings: Settings, report: (event: WireEvent) => void, changed: () => void, root?: Element): Tracking {
  const { _add, _pause, _resume, _reset, _recycle, _use, _find } = watch(
    settings,
    ({ _element, _share }, { _rule, _total }, doubts) => {
      const quality = doubts | (self === top ? assessTab() : 0);
      const facts = { vr: Math.round(_share * 1000) / 1000, vd: Math.round(_total), q: quality || undefined };
      report(describe(_element, settings, _rule._type, facts));
    },
  );
  inspectWith(_find);
  const found = (element: Element): void => {
    _add(element);
    _follow(element);
  };
  const { _scan, _follow } = findTargets(`${settings._selector},[${WIDGET_ATTRIBUTE}]`, found, _recycle, changed);
  trackClicks(settings._selector, (link) => report(describe(link, settings, 'link_click')));
  const resume = (): void => {
    _resume();
    if (root) _add(root);
    _scan();
  };
  observeWell((observer, quality) => {
    if (_use(observer, quality)) resume();
  });
  atStop(() => _pause(performance.now()));
  return {
    _pause,
    _resume: resume,
    _restart() {
      _reset();
      if (!document.hidden) resume();
    },
  };
}
