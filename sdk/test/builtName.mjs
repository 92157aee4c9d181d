/** A bundle's name in, such as `eyeshot-frames.js`; the name that it has in dist/ out: a part has the one that the bundles ask for. */
import { readFile } from 'node:fs/promises';

export async function builtName(name, dist = new URL('../dist/', import.meta.url)) {
  const [, stem, part, suffix] = /^(eyeshot-(fallback|frames|alone)?.*?)\.(m?js)$/.exec(name) ?? [];
  if (!part) return name;
  const loader = part === 'alone' ? 'eyeshot-widget' : 'eyeshot';
  const code = await readFile(new URL(`${loader}.${suffix}`, dist), 'utf8');
  return new RegExp(`${stem}\\.[0-9a-f]{6}\\.${suffix}`).exec(code)[0];
}
