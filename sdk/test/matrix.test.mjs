/** The matrix of docs/comparison.md says of each tracker only what it was asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMatrix } from './conformance/renderMatrix.mjs';

const tracker = (title, ...features) => ({ title, features: new Set(features) });
const scenario = (name, ...features) => ({ group: 'g', name, features });
const summary = { version: 'Chrome/1', false: 1, missed: 0 };
const problem = (kind) => ({ problems: kind ? [{ kind }] : [] });

test('a scenario of what a tracker does not offer is neither right nor wrong of it', () => {
  const [plain, routes, same] = [scenario('plain'), scenario('routes', 'spa'), scenario('same', 'spa')];
  const table = renderMatrix([plain, routes, same], [
    { tracker: tracker('A', 'spa'), summary, played: [{ scenario: plain, ...problem() }, { scenario: routes, ...problem('false') }, { scenario: same, ...problem() }] },
    { tracker: tracker('B'), summary, played: [{ scenario: plain, ...problem('undecided') }] },
  ]);
  assert.match(table, /3 scenarios; the 1 that/);
  assert.match(table, /\*\*2 of 3\*\*; 1 false, 0 missed \| \*\*0 of 0\*\*/);
  assert.match(table, /g: plain \| ✓ \| – \|/);
  assert.match(table, /g: routes \| false \|  \|/);
  assert.doesNotMatch(table, /g: same/);
});
