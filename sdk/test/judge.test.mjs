/** The judges themselves: what a scenario finds, and what the books of a delivery say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, seen } from './conformance/judge.mjs';
import { account, lossOf } from './delivery/account.mjs';

const marks = { '/': { before: 1000, after: 1040 }, shown: { before: 5000, after: 5030 } };
const event = (label, at, more) => ({ type: 'link_impression', label, at, ms: 1000, ...more });
const kinds = (expect, observed, more) => judge({ expect, ...more }, observed, marks).problems.map(({ kind }) => kind);

test('an impression a second after its mark is right, and its lateness counts from the frame that shows it', () => {
  const { problems, lateness } = judge({ expect: [seen('a')] }, [event('a', 2100)], marks);
  assert.deepEqual([problems, lateness], [[], [60]]);
});

test('what comes before its second is false', () => {
  assert.deepEqual(kinds([seen('a')], [event('a', 1996)]), ['false']);
  assert.deepEqual(kinds([seen('a')], [event('a', 1997)]), []);
});

test('what was not expected is false, what did not come is missed', () => {
  assert.deepEqual(kinds([seen('a')], [event('b', 2100)]), ['missed', 'false']);
  assert.deepEqual(kinds([seen('a')], [event('a', 2100), event('a', 2200)]), ['false']);
});

test('a second impression belongs to the later mark', () => {
  assert.deepEqual(kinds([seen('a', { since: 'shown' }), seen('a')], [event('a', 6050), event('a', 2050)]), []);
});

test('too late and too short are wrong', () => {
  assert.deepEqual(kinds([seen('a')], [event('a', 2441)]), ['wrong']);
  assert.deepEqual(kinds([seen('a')], [event('a', 2441)], { tolerance: 1000 }), []);
  assert.deepEqual(kinds([seen('a')], [event('a', 2100, { ms: 998 })]), ['wrong']);
});

test('a share below what the link needs is wrong', () => {
  const least = (need, ratio, more) => kinds([seen('a', { need })], [event('a', 2100, { ratio })], more);
  assert.deepEqual(least(undefined, 0.498), []);
  assert.deepEqual([least(undefined, 0), least(undefined, 0.497), least(undefined, 1.1)], [['wrong'], ['wrong'], ['wrong']]);
  assert.deepEqual([least(0.2, 0.3), least(undefined, 0.6, { options: { threshold: 0.9 } })], [[], ['wrong']]);
});

test('loss is what is missing below the highest number of each source', () => {
  assert.equal(lossOf(['v page 0', 'v page 1', 'v page 3', 'v widget1 0']), 1 / 5);
  assert.equal(lossOf(['v page 0']), 0);
});

test('the books name what is missing, what nobody sent, and what has two meanings', () => {
  const record = (n, ...labels) => ({ batch: { pv: 'v', so: 'page', n, e: labels.map((lb) => ({ et: 'x', ts: 1, lb })) } });
  const books = account(new Set(['v page 0', 'v page 7']), new Map([['v page 1', true]]), [record(0, 'a', 'b'), record(1, 'c', 'd')]);
  assert.deepEqual([books.missing, books.unknown, books.conflicts], [['v page 7'], ['v page 2'], ['v page 1']]);
  assert.equal(books.copies, 4);
});
