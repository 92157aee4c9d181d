/** Settings in; reports every impression and click of the document's targets. */
import { assessTab } from './assessTab';
import { WIDGET_ATTRIBUTE, describe } from './describe';
import type { WireEvent } from './event';
import { findTargets } from './findTargets';
import type { Settings } from './readSettings';
import { trackClicks } from './trackClicks';
import { watch } from './watch';

export interface Tracking {
  _pause(time: number): void;
  _resume(): void;
  /** A new page view: everything counts again. */
  _restart(): void;
}

export function track(settings: Settings, report: (event: WireEvent) => void, root?: Element): Tracking {
  const { _add, _pause, _resume, _reset } = watch(settings, ({ _element, _share, _visibleMs, _quality }) => {
    const quality = _quality | (self === top ? assessTab() : 0);
    report(
      describe(_element, settings, {
        vr: Math.round(_share * 1000) / 1000,
        vd: Math.round(_visibleMs),
        q: quality || undefined,
      }),
    );
  });
  const scan = findTargets(`${settings._selector},[${WIDGET_ATTRIBUTE}]`, _add);
  trackClicks(settings._selector, (link) => report(describe(link, settings, { et: 'link_click' })));
  const resume = (): void => {
    _resume();
    if (root) _add(root);
    scan();
  };
  return {
    _pause,
    _resume: resume,
    _restart() {
      _reset();
      resume();
    },
  };
}
