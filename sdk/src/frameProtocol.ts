/** What page and widget say to each other. The two may be of different versions: no name here may be mangled. */
import type { WireEvent } from './event';

export const PROTOCOL = 1;

/** Widget → page, by window message to the page's exact origin, until it is answered. */
export interface Hello {
  eyeshot: typeof PROTOCOL;
  nonce: string;
}

/** Page → widget, by window message to the widget's exact origin, once per nonce, with the port. */
export interface Welcome extends Hello {
  view: FrameView;
}

/** Page → widget, in the welcome and again through the port when a new page view begins. */
export interface FrameView {
  page_view_id: string;
  source: string;
  viewport: readonly [number, number];
  consent: boolean;
}

/** Widget → page, through the port: one event with its number, for the page view it was seen in. */
export interface Report {
  page_view_id: string;
  sequence: number;
  event: WireEvent;
}
