/** A scenario and an adapter in; its servers out, with its pages on them, each of which begins with journal and SDK. */
import { startSite } from '../servers.mjs';
import { journalScript } from './journal.mjs';
import { startRecorder } from './record.mjs';

/** 127.0.0.1 and localhost are two sites; two ports of one host are two origins of one site. */
const HOSTS = { same: '127.0.0.1', other: 'localhost', third: 'localhost' };

let plays = 0;

export async function stageScenario(scenario, adapter) {
  const recorder = await startRecorder(adapter);
  const sites = Object.fromEntries(
    await Promise.all(Object.entries(HOSTS).map(async ([name, host]) => [name, await startSite(host)])),
  );
  const origins = Object.fromEntries(Object.entries(sites).map(([name, { origin }]) => [name, origin]));
  // Ports come again, and with them what a page left in its storage: the site tells whose it is.
  const context = { recorder: recorder.url, origins, site: `play-${process.pid}-${++plays}` };
  const journal = journalScript(`${recorder.url}/journal`);
  const options = { duration: scenario.duration, ...scenario.options };

  const stage = {
    recorder,
    origins,
    /** Another page of the publisher; gives its address. */
    page: (path, html, own = {}) =>
      sites.same.put(path, journal + (own.sdk === false ? '' : adapter.pageHead({ ...options, ...own }, context)) + html),
    /** A page without any SDK; gives its address. */
    bare: (path, html, host = 'same') => sites[host].put(path, journal + html),
    /** A widget's page on another origin; gives its address. */
    widget(path, html, { host = 'other', ...own } = {}) {
      return sites[host].put(
        path,
        journal + (scenario.before ?? '') + adapter.widgetHead({ widget: path.slice(1), ...options, ...own }, context) + html,
      );
    },
    /** A widget in its frame. */
    frame(path, html, { style = 'width:300px;height:200px;border:0', iframe = '', ...own } = {}) {
      return `<iframe src="${stage.widget(path, html, own)}" style="display:block;${style}" ${iframe}></iframe>`;
    },
    async close() {
      await Promise.all([recorder.close(), ...Object.values(sites).map((site) => site.close())]);
    },
  };
  const html = typeof scenario.html === 'function' ? scenario.html(stage) : scenario.html;
  stage.url = sites.same.put(
    '/',
    journal + (scenario.before ?? '') + (scenario.sdk === false ? '' : adapter.pageHead(options, context)) + html,
  );
  return stage;
}
