/** What the publisher wrote (attributes or an object) in; checked settings out, or an error that names the mend. */
import { type Rule, readRules } from './readRules';
import { number, origins, refuse, text } from './readValues';

export interface Options {
  /** Public site key, 1…64 characters. */
  site: string;
  /** Where batches go, such as `https://collect.example/v1/events`. Default: `/v1/events` where the script is from. */
  endpoint: string;
  /** CSS selector of the tracked links. Default `[data-eyeshot-link]`. */
  selector?: string;
  /** Share of the area that must be visible, 0.01…1. Default 0.5. */
  threshold?: number | string;
  /** How long, without a break, 0…60,000 ms. Default 1000. */
  durationMs?: number | string;
  /** Several rules instead of one: `share ms [event type]`, separated by commas: `0.5 1000, 1 5000 link_read`. */
  rules?: string;
  /** Whether an element counts again each time it comes back into view. Default: once per page view. */
  repeat?: boolean | string;
  /**
   * `required`: nothing happens before `eyeshot.consent(true)`. In a widget also `page`: nothing happens before the page's SDK
   * runs, and so has consent; it never reports alone. Default: nothing is waited for.
   */
  consent?: string;
  /** Whether Do Not Track is honoured as Global Privacy Control always is. Default: no. */
  honourDnt?: boolean | string;
  /** A batch leaves with so many events, 1…500. Default 20. */
  batchEvents?: number | string;
  /** A batch leaves so long after its last event, 0…60,000 ms. Default 2000. */
  afterLastMs?: number | string;
  /** A batch leaves at the latest so long after its first event, 0…60,000 ms. Default 5000. */
  afterFirstMs?: number | string;
  /** What may wait in localStorage, 0…1,000,000 characters; the oldest goes first. Default 200,000. */
  queueChars?: number | string;
  /** How long it may wait there, 0…604,800,000 ms (7 days). Default 86,400,000 (a day). */
  queueMs?: number | string;
  /** How long what may have arrived is sent again, 0…840,000 ms: the compactor knows duplicates for 15 minutes. Default 600,000. */
  doubtMs?: number | string;
}

export interface PageOptions extends Options {
  /** Exact origins of the widgets that may join, as a list or separated by spaces or commas. */
  widgetOrigins?: readonly string[] | string;
}

export interface WidgetOptions extends Options {
  /** The widget's id, 1…64 characters. */
  widget: string;
  /** Exact origins of the pages it may join. Default: the page that embeds it, as the browser names it. */
  pageOrigins?: readonly string[] | string;
  /** How long to wait for the page's SDK before reporting alone, 0…60,000 ms. Default 3000. */
  joinMs?: number | string;
}

/** Default, smallest and largest value of each number. */
export const NUMBERS = {
  threshold: [0.5, 0.01, 1],
  durationMs: [1000, 0, 60_000],
  batchEvents: [20, 1, 500],
  afterLastMs: [2000, 0, 60_000],
  afterFirstMs: [5000, 0, 60_000],
  queueChars: [200_000, 0, 1_000_000],
  queueMs: [86_400_000, 0, 604_800_000],
  doubtMs: [600_000, 0, 840_000],
  joinMs: [3000, 0, 60_000],
} as const;

type Numbers = { -readonly [N in keyof typeof NUMBERS]: number };

export interface Settings extends Numbers {
  site: string;
  endpoint: string;
  _selector: string;
  _rules: Rule[];
  _repeat: boolean;
  _origins: string[];
  /** Of a widget's document; a page's own widgets have attributes. */
  _widget?: string;
  /** The top-level viewport, CSS px, as far as it is smaller than our own: a widget assumes the screen until the page tells. */
  _viewport: readonly [number, number];
}

export interface WidgetSettings extends Settings {
  /** Only the page's consent counts: it never reports alone. */
  _pageDecides: boolean;
}

export function readPageSettings(given: PageOptions): Settings {
  return readSettings(given, given.widgetOrigins);
}

export function readWidgetSettings(given: WidgetOptions): WidgetSettings {
  return {
    ...readSettings(given, given.pageOrigins),
    _widget: text('widget', given.widget),
    _viewport: [screen.width, screen.height],
    _pageDecides: given.consent === 'page',
  };
}

function readSettings(given: Options & Pick<WidgetOptions, 'joinMs'>, listed: readonly string[] | string = ''): Settings {
  const numbers = {} as Numbers;
  for (const [name, [standard, min, max]] of Object.entries(NUMBERS)) {
    numbers[name as keyof Numbers] = number(name, given[name as keyof Numbers] ?? standard, min, max);
  }
  return {
    ...numbers,
    site: text('site', given.site),
    endpoint: /^https?:/.test(given.endpoint) ? given.endpoint : refuse('endpoint', given.endpoint, 'a URL'),
    _selector: given.selector || '[data-eyeshot-link]',
    _rules: readRules(given.rules || `${numbers.threshold} ${numbers.durationMs}`),
    _repeat: isOn(given.repeat),
    _origins: origins(listed),
    _viewport: [Infinity, Infinity],
  };
}

/** An attribute that is there counts, unless it says no. */
export function isOn(given: boolean | string | undefined): boolean {
  return given !== undefined && !/^(false|no|off|0)$/.test(String(given));
}
