/** What readers' pages saw, what passed the line, and the topic's records in; the books out. Loss is read from sequences alone. */
export function account(told, passed, records) {
  const copies = new Map();
  for (const [id, event] of records.flatMap(eventsOf)) copies.set(id, [...(copies.get(id) ?? []), event]);
  const known = new Set([...told, ...passed.keys()]);
  const conflicts = [...copies].filter(([, events]) => new Set(events).size > 1);
  return {
    seen: told.size,
    in_topic: copies.size,
    copies: [...copies.values()].reduce((sum, each) => sum + each.length, 0),
    missing: [...told].filter((id) => !copies.has(id)),
    unknown: [...copies.keys()].filter((id) => !known.has(id)),
    conflicts: conflicts.map(([id]) => id),
    loss_injected: share([...known].filter((id) => !copies.has(id)).length, known.size),
    loss_measured: lossOf([...copies.keys()]),
  };
}

/** Gaps in the numbers of each (page view, source), from 0 to the highest that arrived. */
export function lossOf(ids) {
  const numbers = new Map();
  for (const id of ids) {
    const [view, source, number] = id.split(' ');
    const key = `${view} ${source}`;
    numbers.set(key, [...(numbers.get(key) ?? []), Number(number)]);
  }
  let expected = 0;
  let there = 0;
  for (const each of numbers.values()) {
    expected += Math.max(...each) + 1;
    there += each.length;
  }
  return share(expected - there, expected);
}

function eventsOf({ batch }) {
  return batch.e.map(({ ts, et, lb, l }, index) => [
    `${batch.pv} ${batch.so} ${batch.n + index}`,
    JSON.stringify([ts, et, lb, l]),
  ]);
}

const share = (part, whole) => (whole ? part / whole : 0);
