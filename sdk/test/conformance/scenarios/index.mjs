/** Every scenario, with its group; where nothing else is to be counted, a control link proves that the tracker was at work. */
import { seen } from '../judge.mjs';
import { clicks } from './clicks.mjs';
import { consent } from './consent.mjs';
import { fallback } from './fallback.mjs';
import { frames } from './frames.mjs';
import { CONTROL } from './html.mjs';
import { layout } from './layout.mjs';
import { lifecycle } from './lifecycle.mjs';
import { ratio } from './ratio.mjs';
import { rules } from './rules.mjs';
import { style } from './style.mjs';
import { time } from './time.mjs';
import { tree } from './tree.mjs';

const GROUPS = { ratio, time, style, layout, tree, lifecycle, frames, clicks, consent, rules, fallback };

export const scenarios = Object.entries(GROUPS).flatMap(([group, all]) =>
  all.map((scenario) => controlled({ group, ...scenario })),
);

function controlled(scenario) {
  const { expect, html, control = true } = scenario;
  if (expect.length || !control) return scenario;
  const withControl = typeof html === 'function' ? (stage) => html(stage) + CONTROL : html + CONTROL;
  return { ...scenario, html: withControl, expect: [seen('control')] };
}
