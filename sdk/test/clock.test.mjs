/** The clock, moment by moment, without a browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importSource } from './importSource.mjs';

const { advance, begin, dueAt, end, hasten, newClock } = await importSource('clock.ts');
const LATE_TIMER = 8;

/** A clock of a second that began at 0 and was looked at. */
function started({ ms = 1000 } = {}) {
  const clock = newClock({ _share: 0.5, _ms: ms, _type: undefined });
  begin(clock, 0, false);
  clock._looked = true;
  return clock;
}

test('a second is met at its last millisecond, and not one before', () => {
  assert.equal(dueAt(started(), false), 1000);
  assert.equal(advance(started(), 999, false, false), false);
  assert.equal(advance(started(), 1000, false, false), true);
});

test('a new interval is due for its first look before its time is up, and a short one when it is', () => {
  const fresh = (ms) => {
    const clock = newClock({ _share: 0.5, _ms: ms, _type: undefined });
    begin(clock, 0, false);
    return clock;
  };
  assert.equal(dueAt(fresh(1000), false), 100);
  assert.equal(dueAt(fresh(40), false), 40);
  assert.equal(advance(fresh(1000), 100, false, false), true);
  assert.equal(advance(fresh(1000), 99, false, false), false);
});

test('first looks are due together, at most 100 ms after their intervals began', () => {
  const dueOf = (since) => {
    const clock = newClock({ _share: 0.5, _ms: 1000, _type: undefined });
    begin(clock, since, false);
    return dueAt(clock, false);
  };
  assert.deepEqual([1000, 1016, 1033, 1049].map(dueOf), [1100, 1100, 1100, 1100]);
  assert.equal(dueOf(1050), 1150);
});

test('a late timer proves nothing: all of an interval without slices is lost', () => {
  const clock = started();
  assert.equal(advance(clock, 1300, false, true), false);
  assert.deepEqual([clock._since, clock._proven, clock._quality], [1300, 0, LATE_TIMER]);
  assert.equal(dueAt(clock, true), 1550);
});

test('with slices only the late one is lost', () => {
  const clock = started();
  for (const now of [250, 500]) assert.equal(advance(clock, now, true, false), false);
  assert.equal(advance(clock, 1200, true, true), false);
  assert.deepEqual([clock._since, clock._proven], [1200, 500]);
  assert.equal(advance(clock, 1450, true, false), false);
  assert.equal(dueAt(clock, true), 1700);
  assert.equal(advance(clock, 1700, true, false), true);
});

test('what ends is added up, except for what was hidden', () => {
  const clock = started();
  end(clock, 400);
  begin(clock, 1000, false);
  end(clock, 1300);
  begin(clock, 2000, true);
  end(clock, 2900);
  end(clock, 5000);
  assert.equal(clock._total, 700);
});

/** The looks at a clock that is hidden from 0 on, until a time; `events`: when something may have uncovered it. */
function looks(until, events = []) {
  const clock = started();
  begin(clock, 1, true);
  const at = [];
  for (let now = 1; now < until; ) {
    const due = dueAt(clock, false);
    if (events[0] < due) {
      now = events.shift();
      hasten(clock, now);
    } else {
      now = due;
      at.push(now);
      begin(clock, now, true);
    }
  }
  return at;
}

test('what is hidden is looked at soon, and ever less: a few dozen times in an hour, a few more in a day', () => {
  const hour = looks(3_600_000);
  assert.deepEqual(hour.slice(0, 3), [101, 201, 301]);
  assert.ok(hour.length < 90, `${hour.length} looks`);
  assert.ok(looks(24 * 3_600_000).length - hour.length < 30);
  assert.ok(hour.every((at, i) => !i || at - hour[i - 1] <= Math.max(100, hour[i - 1] / 8)), 'never later than an eighth');
});

test('what may have been uncovered is looked at within a tenth of a second, however often that is said', () => {
  const events = Array.from({ length: 50 }, (_, i) => 600_000 + i * 20);
  const after = looks(604_000, events).filter((at) => at >= 600_000);
  assert.deepEqual(after.slice(0, 3), [600_100, 600_200, 600_300]);
  assert.ok(after.length < 30, `${after.length} looks`);
});
