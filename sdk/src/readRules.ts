/** `0.5 1000, 1 5000 link_read` in; the rules out, or an error that names the wrong part. */
import { number, refuse } from './readValues';

export interface Rule {
  /** Share of the area that must be visible. */
  _share: number;
  /** For how long, without a break. */
  _ms: number;
  /** The event's type; without one it is an impression. */
  _type: string | undefined;
}

export function readRules(given: string): Rule[] {
  const types = new Set<string>();
  return given.split(',').map((part) => {
    const [share = '', ms = '', type = ''] = part.trim().split(/\s+/);
    // Two rules of one type would be two impressions of one look.
    if (types.has(type) || !/^([a-z][a-z0-9_]{0,63})?$/.test(type)) refuse('rule', part, 'like 1 5000 link_read, each type once');
    types.add(type);
    return { _share: number('threshold', share, 0.01, 1), _ms: number('durationMs', ms, 0, 60_000), _type: type || undefined };
  });
}
