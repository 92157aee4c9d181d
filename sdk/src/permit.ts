/** An SDK's settings and start in; `init` and `consent` out: it runs at most once at a time, and only while it may. */
import { forget } from './forget';
import { contain } from './guard';
import { stop } from './listen';
import { isOn, type Options, type Settings } from './readSettings';

export interface Doors<O> {
  /** Starts the SDK, as soon as it may. */
  init: (options: O) => void;
  /** The reader agreed, or did not, or no longer does: then everything stops, and what waits, also from earlier pages, is forgotten. */
  consent: (given: boolean) => void;
}

export function permit<O extends Options, S extends Settings>(read: (options: O) => S, start: (settings: S) => void): Doors<O> {
  let settings: S | undefined;
  let allowed: boolean | undefined;
  let running = false;

  function look(): void {
    if (!settings || allowed === undefined) return;
    const ran = running;
    running = allowed;
    if (!allowed) {
      stop();
      forget(settings.site);
    } else if (!ran) start(settings);
  }

  return {
    init: contain((options) => {
      if (settings) return;
      if (refuses(options)) return forget(options.site);
      settings = read(options);
      if (options.consent !== 'required') allowed ??= true;
      look();
    }),
    consent: contain((given) => {
      allowed = given;
      look();
    }),
  };
}

/** Global Privacy Control is always honoured, Do Not Track by choice. */
function refuses({ honourDnt }: Options): boolean | undefined {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean };
  return globalPrivacyControl || (isOn(honourDnt) && doNotTrack === '1');
}
