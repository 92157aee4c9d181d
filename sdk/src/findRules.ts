/** An element in; the rules that hold for it out: those of its own attributes before those of the site. */
import { type Rule, readRules } from './readRules';
import { isOn, type Settings } from './readSettings';

export interface OwnRules {
  _rules: Rule[];
  _repeat: boolean;
}

export function findRules(element: Element, { _rules, _repeat }: Settings): OwnRules {
  const read = (name: string): string | null => element.getAttribute(`data-eyeshot-${name}`);
  const rules = read('rules');
  const threshold = read('threshold');
  const durationMs = read('duration-ms');
  const repeat = isOn(read('repeat') ?? _repeat);
  if (!(rules || threshold || durationMs)) return { _rules, _repeat: repeat };
  try {
    const [first, ...more] = rules ? readRules(rules) : _rules;
    const { _share, _ms, _type } = first!;
    const [own] = readRules(`${threshold ?? _share} ${durationMs ?? _ms} ${_type ?? ''}`);
    return { _rules: [own!, ...more], _repeat: repeat };
  } catch (error) {
    console.warn('eyeshot:', error, element);
    return { _rules, _repeat: repeat };
  }
}
