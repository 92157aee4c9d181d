/** A seed and a number in; so many hostile messages out, drawn around the protocol's own. It runs in pages: it needs nothing else. */
export function fuzz(seed, count, valid = {}) {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const pick = (list) => list[Math.floor(random() * list.length)];
  const text = (length) => Array.from({ length }, () => String.fromCharCode(32 + Math.floor(random() * 95))).join('');
  const deep = (depth) => (depth ? { a: deep(depth - 1) } : 1);
  const strange = () =>
    pick([
      null,
      undefined,
      true,
      false,
      0,
      -0,
      -1,
      1,
      0.5,
      2,
      NaN,
      Infinity,
      -Infinity,
      2 ** 53,
      1e308,
      10n,
      '',
      '*',
      'null',
      text(22),
      text(21),
      text(64),
      'x'.repeat(pick([256, 8193, 70_000])),
      [],
      [1, [2]],
      {},
      deep(pick([3, 200])),
      new Date(0),
      /x/g,
      new Map([['eyeshot', 1]]),
      new Set([1]),
      new Uint8Array(8),
      new Error('x'),
      JSON.parse('{"__proto__":{"polluted":1}}'),
      { constructor: { prototype: { polluted: 1 } } },
      { toString: 1, valueOf: 2, length: -1 },
    ]);
  const shapes = [
    () => ({ eyeshot: 1, nonce: text(22) }),
    () => ({
      eyeshot: 1,
      nonce: text(22),
      view: { page_view_id: text(22), source: 'widget1', viewport: [800, 600], consent: true },
    }),
    () => ({ eyeshot: 1, ask: true }),
    () => ({
      page_view_id: text(22),
      sequence: 0,
      event: { et: 'link_impression', ts: 1, l: 'https://forged.example/', lb: 'forged' },
    }),
    () => ({ ...valid, sequence: pick([-1, 0.5, 1e9, NaN, '0', null]) }),
    () => ({ ...valid, page_view_id: text(22) }),
    () => ({ ...valid, event: { ...valid.event, [pick(['et', 'ts'])]: pick([null, {}, [], 'X Y', -1, 'x'.repeat(65)]) } }),
    () => ({ ...valid, event: { ...valid.event, lb: 'x'.repeat(9000) } }),
    () => strange(),
  ];
  return Array.from({ length: count }, () => {
    const message = pick(shapes)();
    // Never a right version, so that a right hello from a right place does not slip in.
    if (message?.eyeshot && valid.never) message.eyeshot = pick([0, 2, '1', null, [1], { valueOf: 1 }]);
    if (message && typeof message === 'object' && random() < 0.5) {
      const key = pick([...Object.keys(message), 'event', 'view', 'eyeshot', '__proto__', 'extra']);
      if (key !== 'eyeshot' || !valid.never) message[key] = strange();
    }
    return message;
  });
}
