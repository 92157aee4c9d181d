/** `eyeshot.consent` in; passes on to it what the page's consent platform (IAB TCF v2) says, now and whenever it changes. */
import { contain } from './guard';
import { readTcf, type TcData } from './readTcf';

type TcfApi = (command: 'addEventListener', version: 2, hear: (data: TcData, success: boolean) => void) => void;

export interface TcfOptions {
  /** The purposes that are needed, by number: `1 8` (the default) is storage, and measuring content. */
  purposes?: string | undefined;
  /** The vendor that needs consent too, by its number in the Global Vendor List. Default: none. */
  vendor?: string | undefined;
}

const LOOK_MS = 500;
const LOOKS_MAX = 60;

export function followTcf(consent: (given: boolean) => void, { purposes = '1 8', vendor = '' }: TcfOptions = {}): void {
  let looks = 0;
  const hear = contain((data: TcData, success: boolean) => {
    const given = success ? readTcf(data, purposes.split(/[\s,]+/), vendor) : undefined;
    if (given !== undefined) consent(given);
  });
  /** Platforms put a stub there before anything else; some are late all the same. */
  const look = contain(() => {
    const { __tcfapi: ask } = window as { __tcfapi?: TcfApi };
    if (ask) ask('addEventListener', 2, hear);
    else if (++looks < LOOKS_MAX) setTimeout(look, LOOK_MS);
  });
  look();
}
