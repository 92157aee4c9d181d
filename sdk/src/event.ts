// Generated from eyeshot/event.py by `make generate`. Do not edit.

export const EVENTS_MAX = 500;

/** Doubts about an impression, as bits of `q`; the bundler puts their numbers in place. */
export const enum QUALITY {
  /** Whether something covered the element could not be sampled. */
  occlusion_unknown = 1,
  /** The reader had zoomed in with two fingers. */
  pinch_zoomed = 2,
  /** The tab was visible but did not have the focus. */
  no_focus = 4,
  /** A timer fired late, and the gap was not credited. */
  late_timer = 8,
  /** The widget reported alone: no page SDK answered its handshake. */
  unauthenticated_frame = 16,
  /** The browser could not tell what is in view: it was measured while the page was scrolled. */
  fallback = 32,
}

/** What fields must be: a pattern, most characters, most entries, or [largest, whole] from 0 on. */
export const EVENT_BOUNDS = {
  et: /^[a-z][a-z0-9_]{0,63}$/,
  ts: [253402300799999, true],
  l: 2048,
  lb: 256,
  pl: /^(inline|widget)$/,
  w: 64,
  vr: [1, false],
  vd: [9007199254740991, true],
  q: [2147483647, true],
  x: { entries: 32 },
};

/** One event, under the short names of the wire. */
export interface WireEvent {
  /** event_type: `link_impression`, `widget_impression`, `link_click`, `page_end` (its `sequence` is how many came before), or a name of your own. `^[a-z][a-z0-9_]{0,63}$`. */
  et: string;
  /** timestamp: When it happened: epoch ms, client clock. 0…253,402,300,799,999. */
  ts: number;
  /** link: The link's address. 0…2048 characters. */
  l?: string;
  /** label: The publisher's name for the link. 0…256 characters. */
  lb?: string;
  /** placement: `inline` (in the page's text) or `widget`. `^(inline|widget)$`. */
  pl?: string;
  /** widget: The widget's id. 0…64 characters. */
  w?: string;
  /** visible_ratio: Share of the area that was visible, 0…1. 0…1. */
  vr?: number;
  /** visible_ms: How long it was visible in this page view until then, ms. 0…9,007,199,254,740,991. */
  vd?: number;
  /** quality: Bit set of doubts, see the table of quality bits. 0…2,147,483,647. */
  q?: number;
  /** properties: Fields of your own: an object of string → scalar. 0…32 entries. */
  x?: Readonly<Record<string, string | number | boolean | null>>;
}

/** One batch, under the short names of the wire. */
export interface WireBatch {
  /** site: Public site key. 1…64 characters. */
  s: string;
  /** page: URL of the publisher's page, without its query string. 0…2048 characters. */
  p?: string;
  /** referrer: URL the reader came from. 0…2048 characters. */
  r?: string;
  /** page_view_id: One per page view, shared by page and widgets: 128 random bits, base64url. `^[A-Za-z0-9_-]{22}$`. */
  pv: string;
  /** source: Which SDK instance counts the sequence: `page`, or `widget` and its frame number. `^(page|widget[0-9]{1,4})$`. */
  so: string;
  /** sequence: Number of the batch's first event within (page view, source). 0…9,007,199,254,740,991. */
  n: number;
  /** sent_at: When the batch was sent: epoch ms, client clock. 0…253,402,300,799,999. */
  st: number;
  /** sdk: SDK version. 0…32 characters. */
  v?: string;
  /** viewport: [width, height] of the viewport, CSS px. 2 entries. */
  vp?: readonly [number, number];
  /** events: The events, 1…500. 1…500 entries. */
  e: readonly WireEvent[];
}
