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
    ({ _element, _rule, _share, _visibleMs, _quality }) => {
      const facts: Partial<WireEvent> = { vr: Math.round(_share * 1000) / 1000, vd: Math.round(_visibleMs) };
      const quality = _quality | (self === top ? assessTab() : 0);
      if (quality) facts.q = quality;
      if (_rule._type) facts.et = _rule._type;
      report(describe(_element, settings, facts));
    },
  );
  inspectWith(_find);
  let seen = false;
  const found = (element: Element): void => {
    _add(element);
    _follow(element);
  };
  const { _scan, _follow } = findTargets(`${settings._selector},[${WIDGET_ATTRIBUTE}]`, found, _recycle, changed);
  trackClicks(settings._selector, (link) => report(describe(link, settings, { et: 'link_click' })));
  const resume = (): void => {
    seen = true;
    _resume();
    if (root) _add(root);
    _scan();
  };
  const pause = (time: number): void => {
    seen = false;
    _pause(time);
  };
  observeWell((observer, quality) => {
    _use(observer, quality);
    if (seen) resume();
  });
  atStop(() => pause(performance.now()));
  return {
    _pause: pause,
    _resume: resume,
    _restart() {
      _reset();
      if (!document.hidden) resume();
    },
  };
}
