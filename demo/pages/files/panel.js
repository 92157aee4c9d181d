/** Shows what Eyeshot saw, what it sent and what the collector answered, event by event. */
const panel = document.querySelector('.panel');
const WIDE = matchMedia('(min-width: 80rem)');
const KINDS = { link_impression: 'Link', widget_impression: 'Widget', link_click: 'Click' };

/** `page view/source/number` → the list item of the event. */
const items = new Map();

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const count = element('span', { textContent: 'nothing yet' });
const list = element('ol');
const details = element('details', { open: WIDE.matches }, element('summary', {}, element('b', { textContent: 'Eyeshot' }), count), list);
panel.append(details);
say('Keep a link in view for a second.');

function say(text) {
  list.replaceChildren(element('li', { className: 'empty', textContent: text }));
}

function show({ event, page_view_id: view, source, sequence }) {
  if (!items.size) list.replaceChildren();
  const { et, lb, w, pl, vr, vd } = event;
  const facts = [KINDS[et] ?? et, pl, vr && `${Math.round(vr * 100)} %`, vd && `${(vd / 1000).toFixed(1)} s`];
  const item = element(
    'li',
    {},
    element('b', { textContent: lb ?? w ?? et }),
    element('small', { textContent: facts.filter(Boolean).join(' · ') }),
    element('i', { textContent: 'seen' }),
  );
  items.set(`${view}/${source}/${sequence}`, item);
  list.prepend(item);
  summarize();
}

/** Writes what became of each event of a batch. */
function mark({ pv, so, n, e }, state, textOf) {
  e.forEach((_, index) => {
    const item = items.get(`${pv}/${so}/${n + index}`);
    if (!item) return;
    const { text, bad } = textOf(index);
    item.dataset.state = bad ? 'bad' : state;
    item.querySelector('i').textContent = text;
  });
  summarize();
}

function summarize() {
  const states = [...items.values()].map((item) => item.dataset.state);
  const accepted = states.filter((state) => state === 'good').length;
  panel.dataset.state = states.includes('bad') ? 'bad' : accepted === states.length ? 'good' : 'open';
  count.textContent = `${items.size} seen, ${accepted} accepted`;
}

function answered({ batch, status, body }) {
  if (status !== 202) {
    mark(batch, 'open', () => ({ text: status ? `answered ${status}` : 'no answer' }));
    return;
  }
  const refused = new Map(JSON.parse(body || '{}').rejected?.map(({ index, reason }) => [index, reason]));
  mark(batch, 'good', (index) => ({ text: refused.get(index) ?? '202', bad: refused.has(index) }));
}

if (window.eyeshot) {
  eyeshot.on('seen', show);
  eyeshot.on('sent', ({ batch, by }) => mark(batch, 'open', () => ({ text: by === 'beacon' ? 'sent as beacon' : 'sent' })));
  eyeshot.on('answered', answered);
  eyeshot.on('dropped', ({ batch }) => mark(batch, 'bad', () => ({ text: 'given up' })));
  if (navigator.globalPrivacyControl) say('Your browser sends Global Privacy Control: nothing is recorded.');
} else {
  panel.dataset.state = 'bad';
  say('The SDK could not be loaded: is the collector running? `make status` tells.');
}
