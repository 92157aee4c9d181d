/** What a scenario expects and what was observed in; what is false, missed or wrong, and how late each impression was, out. */

/** Clocks in browsers are rounded to whole milliseconds. */
const ROUNDING_MS = 3;
/** Of a share that was computed on rounded edges. */
const ROUNDING_SHARE = 0.002;
/** One impression may be this late on a busy machine; the p99 of all of them is held to less. */
const LATE_MS_MAX = 400;

/** An expected impression. `since`: the mark from which it could be seen; `duration`, `need`: time and share of the link, when it has its own. */
export function seen(label, { since = '/', duration, need, type = 'link_impression' } = {}) {
  return { label, since, duration, need, type };
}

/** An expected click: there is no time to wait for. */
export function clicked(label, { since = '/' } = {}) {
  return { label, since, duration: 0, type: 'link_click' };
}

/** `tolerance`, ms: how much later it may be where no observer tells of the change, and it is found by sampling. */
export function judge({ expect, duration = 1000, tolerance = 0, options = {}, check }, observed, marks) {
  const left = [...observed].sort((a, b) => a.at - b.at);
  const problems = [];
  const lateness = [];
  const start = Math.min(...Object.values(marks).map(({ before }) => before));
  for (const expected of [...expect].sort((a, b) => beforeOf(a, marks) - beforeOf(b, marks))) {
    const mark = marks[expected.since];
    if (!mark) {
      problems.push({ kind: 'wrong', text: `there was no "${expected.since}", since which ${expected.label} can be seen` });
      continue;
    }
    const index = left.findIndex(({ label, type }) => label === expected.label && type === expected.type);
    if (index < 0) problems.push({ kind: 'missed', text: `${expected.type} of ${expected.label}` });
    else {
      const [event] = left.splice(index, 1);
      judgeOne(event, expected.duration ?? duration, mark, tolerance, start, problems, lateness);
      judgeShare(event, expected.need ?? options.threshold ?? 0.5, problems);
    }
  }
  for (const { label, type, at } of left)
    problems.push({ kind: 'false', text: `${type} of ${label}, ${at - start} ms after the start` });
  for (const text of check?.(observed, marks) ?? []) if (text) problems.push({ kind: 'wrong', text });
  return { problems, lateness };
}

function judgeOne({ label, type, at, ms }, duration, { before, after }, tolerance, start, problems, lateness) {
  const early = before + duration - at;
  if (early > ROUNDING_MS) problems.push({ kind: 'false', text: `${type} of ${label} came ${early} ms early` });
  if (type === 'link_click') return;
  const late = at - after - duration;
  if (!tolerance) lateness.push(late);
  if (late > LATE_MS_MAX + tolerance) problems.push({ kind: 'wrong', text: `${type} of ${label} came ${late} ms late` });
  if (ms === undefined) return;
  if (ms < duration - 1) problems.push({ kind: 'wrong', text: `${label} counted after ${ms} ms of ${duration}` });
  if (ms > at - start + LATE_MS_MAX)
    problems.push({ kind: 'wrong', text: `${label} was visible for ${ms} ms, ${at - start} ms after the start` });
}

/** What counts was in view, with the share that its rule needs. */
function judgeShare({ label, type, ratio }, need, problems) {
  if (ratio === undefined || type === 'link_click') return;
  if (!(ratio >= need - ROUNDING_SHARE && ratio <= 1)) problems.push({ kind: 'wrong', text: `${label} counted with a share of ${ratio} of ${need}` });
}

const beforeOf = ({ since: name }, marks) => marks[name]?.before ?? 0;
