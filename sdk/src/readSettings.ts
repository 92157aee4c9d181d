/** What the publisher wrote (attributes or an object) in; checked settings out, or an error that names the mend. */

export interface Options {
  /** Public site key, 1…64 characters. */
  site: string;
  /** Where batches go, such as `https://collect.example/v1/events`. */
  endpoint: string;
  /** CSS selector of the tracked links. Default `[data-eyeshot-link]`. */
  selector?: string;
  /** Share of the area that must be visible, above 0 and up to 1. Default 0.5. */
  threshold?: number | string;
  /** How long, without a break. Default 1000. */
  durationMs?: number | string;
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
  /** How long to wait for the page's SDK before reporting alone. Default 3000. */
  joinMs?: number | string;
}

export interface Settings {
  _site: string;
  _endpoint: string;
  _selector: string;
  _threshold: number;
  _durationMs: number;
  _origins: string[];
  _widget: string | undefined;
  _joinMs: number;
  /** The top-level viewport, CSS px, as far as it is smaller than our own: a widget assumes the screen until the page tells. */
  _viewport: readonly [number, number];
}

export function readSettings(given: PageOptions & Partial<WidgetOptions>): Settings {
  return {
    _site: text('site', given.site),
    _endpoint: url(given.endpoint),
    _selector: given.selector || '[data-eyeshot-link]',
    _threshold: number('threshold', given.threshold ?? 0.5, 0.01, 1),
    _durationMs: number('durationMs', given.durationMs ?? 1000, 0, 60_000),
    _origins: origins(given.widgetOrigins ?? given.pageOrigins ?? ''),
    _widget: given.widget && text('widget', given.widget),
    _joinMs: number('joinMs', given.joinMs ?? 3000, 0, 60_000),
    _viewport: given.widget ? [screen.width, screen.height] : [Infinity, Infinity],
  };
}

/** Whether it is an origin to the letter, as the browser writes it: no path, no wildcard, no `null`. */
export function isOrigin(given: string): boolean {
  try {
    return new URL(given).origin === given;
  } catch {
    return false;
  }
}

function refuse(name: string, value: unknown, bound: string): never {
  throw new Error(`${name} is "${value}", but must be ${bound}`);
}

function text(name: string, value: string | undefined): string {
  return value && value.length <= 64 ? value : refuse(name, value, '1 to 64 characters');
}

function number(name: string, value: number | string, min: number, max: number): number {
  return +value >= min && +value <= max ? +value : refuse(name, value, `${min} to ${max}`);
}

function url(value: string): string {
  return /^https?:/.test(value) ? value : refuse('endpoint', value, 'a URL');
}

function origins(given: readonly string[] | string): string[] {
  const list = typeof given === 'string' ? given.split(/[\s,]+/).filter(Boolean) : [...given];
  return list.map((each) => (isOrigin(each) ? each : refuse('origin', each, 'like https://host.example')));
}
