/** What page and widget say to each other. The two may be of different versions: no name here may be mangled. */
import type { WireEvent } from './event';

export const PROTOCOL = 1;

/** Page → widgets, by window message to their exact origin: ask now. */
export interface Invitation {
  eyeshot: typeof PROTOCOL;
  ask: true;
}

/** Widget → page, by window message to the page's exact origin, until it is answered. */
export interface Hello {
  eyeshot: typeof PROTOCOL;
  nonce: string;
  /** It cannot observe, and wants to be told how much of its frame is in view. */
  blind?: boolean;
}

/** Page → widget, by window message to the widget's exact origin, once per nonce, with the port. */
export interface Welcome extends Hello {
  view: FrameView;
}

/** Page → widget, in the welcome, and again through the port whenever something of it changes. */
export interface FrameView {
  page_view_id: string;
  source: string;
  viewport: readonly [number, number];
  consent: boolean;
  /** The visible part of the frame, in the frame's own coordinates: x, y, width, height. Only for the blind. */
  visible?: readonly [number, number, number, number];
}

/** Widget → page, through the port: one event with its number, for the page view it was seen in. */
export interface Report {
  page_view_id: string;
  sequence: number;
  event: WireEvent;
}
