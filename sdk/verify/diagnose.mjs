/** The facts of a visit in; what is wrong, each with its mend, out. Pure: a check is a function from facts to a sentence, or nothing. */
const SKEW_S_MAX = 60;
const LOCAL = /^(localhost|127\.|\[::1\])/;

/** @returns {{ code: string, text: string, mend: string }[]} */
export function diagnose(facts) {
  if (facts.unreachable)
    return [
      {
        code: 'page_unreachable',
        text: `${facts.url} cannot be opened: ${facts.unreachable}`,
        mend: 'Check the address, and that its server runs.',
      },
    ];
  const seen = gather(facts);
  return CHECKS.map(({ code, find, mend }) => ({ code, text: find(seen), mend })).filter(({ text }) => text);
}

/** The facts by what they are about. */
function gather(facts) {
  const { page, requests, messages } = facts;
  const text = messages.map((each) => each.text).join('\n');
  const script = requests.find(
    ({ url, type, from }) =>
      type === 'script' && /eyeshot\.m?js(\?|$)/.test(url) && (!from || from === facts.url || from.startsWith(facts.url)),
  );
  const posts = requests.filter(
    ({ url, method }) => method === 'POST' && page.endpoint && url.split('?')[0] === page.endpoint.split('?')[0],
  );
  const origins = (page.options.widgetOrigins ?? '').split(/[\s,]+/).filter(Boolean);
  const foreign = facts.frames.filter(({ origin }) => origin && origin !== 'null');
  return {
    ...facts,
    text,
    script,
    posts,
    origins,
    foreign,
    isBundled: page.hasSdk || requests.some(({ hasSdk, from }) => hasSdk && (!from || from === facts.url)),
    widgetsIn: (url) => requests.some((each) => /eyeshot-widget\.m?js/.test(each.url) && each.from === url),
  };
}

const isMixed = (page, url) => /^https:/.test(page.origin) && /^http:/.test(url ?? '') && !LOCAL.test(new URL(url).host);
const directive = (text, name) =>
  new RegExp(`Content Security Policy directive: [^\\n]*${name}|violates [^\\n]*${name}`, 'i').test(text);
const verdicts = (posts) =>
  posts.flatMap(({ answer }) => {
    try {
      return JSON.parse(answer).rejected ?? [];
    } catch {
      return [];
    }
  });

const CHECKS = [
  {
    code: 'no_script',
    find: ({ page, script, isBundled }) =>
      !page.scripts.length && !script && !page.runs && !isBundled && 'The page has no script tag of Eyeshot.',
    mend: 'Add the snippet of docs/sdk.md to the page.',
  },
  {
    code: 'mixed_content',
    find: ({ page }) => {
      const url = [...page.scripts, page.endpoint].find((each) => isMixed(page, each));
      return url && `The page is https, but ${url} is not: browsers refuse it.`;
    },
    mend: 'Serve the SDK and the collector over https.',
  },
  {
    code: 'script_csp',
    find: ({ page, text, script }) =>
      page.scripts.length &&
      !page.runs &&
      (/csp/i.test(script?.failure ?? '') || directive(text, 'script-src')) &&
      'The content security policy of the page refuses the script.',
    mend: "Add the script's origin to script-src.",
  },
  {
    code: 'script_integrity',
    find: ({ text }) =>
      /valid digest in the 'integrity' attribute/.test(text) && 'The script is not the one that its integrity attribute names.',
    mend: 'Take the hash of the version that you load, or load the version that you have the hash of.',
  },
  {
    code: 'script_missing',
    find: ({ page, script }) =>
      !page.runs && script?.status >= 400 && `The script is not there: ${script.url} answers ${script.status}.`,
    mend: 'Correct the address in the src attribute.',
  },
  {
    code: 'script_unreachable',
    find: ({ page, script }) =>
      !page.runs &&
      script?.failure &&
      !/csp|mixed/i.test(script.failure) &&
      !isMixed(page, script.url) &&
      !script.status &&
      `The script cannot be loaded: ${script.url} (${script.failure}).`,
    mend: 'Check that the collector runs and can be reached from readers’ browsers.',
  },
  {
    code: 'script_twice',
    find: ({ page }) =>
      page.scripts.filter((url) => !/widget/.test(url)).length > 1 &&
      'The script is in the page twice; the second one does nothing.',
    mend: 'Remove one of the two tags.',
  },
  {
    code: 'setting_refused',
    find: ({ messages, posts }) => !verdicts(posts).length && messages.find(({ text }) => /^eyeshot:/.test(text))?.text,
    mend: 'Correct the attribute of the script tag; docs/sdk-configuration.md lists their bounds.',
  },
  {
    code: 'no_site',
    find: ({ page }) =>
      page.runs &&
      page.scripts.length === 1 &&
      !page.options.site &&
      'The script tag has no data-site: it waits for eyeshot.init().',
    mend: 'Add data-site with the public key of your site, or call eyeshot.init().',
  },
  {
    code: 'nothing_tracked',
    find: ({ page }) =>
      page.runs &&
      page.tracked < 1 &&
      !page.widgets &&
      !page.options.widgetOrigins &&
      `No element of the page matches ${page.selector}.`,
    mend: 'Mark links with data-eyeshot-link, or set data-selector.',
  },
  {
    code: 'privacy_signal',
    find: ({ page }) => page.privacy && 'This browser sends Global Privacy Control: nothing is recorded.',
    mend: 'Nothing to mend; visit with a browser that does not send it.',
  },
  {
    code: 'waits_for_consent',
    find: ({ page, posts }) =>
      page.options.consent === 'required' && !posts.length && 'It waits for consent, and nobody called eyeshot.consent(true).',
    mend: 'Connect your consent banner as in docs/sdk/consent.md; visit again after a click on it.',
  },
  {
    code: 'endpoint_csp',
    find: ({ text, posts }) =>
      directive(text, 'connect-src') &&
      !posts.some(({ status }) => status) &&
      'The content security policy of the page refuses the requests to the collector.',
    mend: "Add the collector's origin to connect-src.",
  },
  {
    code: 'endpoint_blocked',
    find: ({ posts }) =>
      posts.some(({ failure }) => /BLOCKED_BY_CLIENT/.test(failure ?? '')) &&
      'An extension of the browser blocks the requests to the collector.',
    mend: 'Serve the collector under a path of your own site.',
  },
  {
    code: 'origin_refused',
    find: ({ page, posts }) =>
      posts.some(({ status }) => status === 403) &&
      `The collector refuses ${page.origin} or the site “${page.options.site}”: it answers 403.`,
    mend: 'Add the origin to the site in the sites file of the collector, to the letter.',
  },
  {
    code: 'endpoint_wrong',
    find: ({ posts }) => {
      const wrong = posts.find(({ status }) => status >= 300 && ![403, 429, 503].includes(status));
      return wrong && `${wrong.url} answers ${wrong.status}: it is no collector, or it does not understand the batch.`;
    },
    mend: 'Correct data-endpoint; the collector listens at /v1/events.',
  },
  {
    code: 'endpoint_busy',
    find: ({ posts }) => {
      const busy = posts.find(({ status }) => status === 429 || status === 503);
      return busy && `The collector answers ${busy.status}: the site is over its quota, or Kafka is away.`;
    },
    mend: 'Nothing is lost yet; look at the collector’s /metrics, and at the quota in its sites file.',
  },
  {
    code: 'endpoint_unreachable',
    find: ({ text, posts }) => {
      const failed = posts.find(({ failure, status }) => failure && !status && !/csp|ABORTED|BLOCKED_BY_CLIENT/i.test(failure));
      if (!failed || posts.some(({ status }) => status)) return undefined;
      return `The collector cannot be reached: ${failed.url} (${failed.failure})${/CORS policy/.test(text) ? ', or it does not answer as one' : ''}.`;
    },
    mend: 'Check data-endpoint, that the collector runs, and that readers’ browsers can reach it.',
  },
  {
    code: 'events_rejected',
    find: ({ posts }) => verdicts(posts)[0] && `The collector rejects events: ${verdicts(posts)[0].reason}`,
    mend: 'Correct the value that it names.',
  },
  {
    code: 'clock_skew',
    find: ({ posts, script }) => {
      const { date, at } = [...posts, script].find((each) => each?.date) ?? {};
      const seconds = Math.round((at - Date.parse(date)) / 1000);
      return (
        Math.abs(seconds) > SKEW_S_MAX && `The clocks of this machine and of the collector are ${Math.abs(seconds)} s apart.`
      );
    },
    mend: 'Set the clock of the machine that is wrong (NTP); the collector corrects readers’ clocks only by its own.',
  },
  {
    code: 'widget_script_missing',
    find: ({ origins, foreign, widgetsIn }) => {
      const frame = foreign.find(({ url, origin, runs }) => origins.includes(origin) && !runs && !widgetsIn(url));
      return frame && `The frame ${frame.url} is a widget's, but has no script of Eyeshot.`;
    },
    mend: 'Add eyeshot-widget.js to the widget.',
  },
  {
    code: 'widget_origin_unknown',
    find: ({ origins, foreign, widgetsIn }) => {
      const frame = foreign.find(({ url, origin, runs }) => (runs || widgetsIn(url)) && !origins.includes(origin));
      return frame && `The widget ${frame.url} reports alone: ${frame.origin} is not in data-widget-origins.`;
    },
    mend: 'Add its origin to data-widget-origins, to the letter.',
  },
  {
    code: 'page_error',
    find: ({ errors }) => errors.find((error) => /eyeshot/i.test(error)) && 'A script of the page breaks where it uses Eyeshot.',
    mend: 'Call window.eyeshot only after its script has run.',
  },
  {
    code: 'nothing_seen',
    find: ({ page, posts, messages }) =>
      page.runs &&
      page.options.site &&
      page.tracked > 0 &&
      !posts.length &&
      page.options.consent !== 'required' &&
      !page.privacy &&
      !messages.some(({ text }) => /^eyeshot:|Content Security Policy/.test(text)) &&
      'Nothing that is tracked was seen within a few seconds of reading.',
    mend: 'Are the links below the fold, hidden, or covered? eyeshot-debug.js shows the clock of each.',
  },
];

export const CODES = CHECKS.map(({ code }) => code);
