/** `make verify` on pages that are broken, each in one way, and on one that is not. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { CODES, diagnose } from '../verify/diagnose.mjs';
import { visit } from '../verify/visit.mjs';
import { link, openStage } from './stage.mjs';

const stage = openStage();
const policy = (text) => `<meta http-equiv="Content-Security-Policy" content="${text}">`;
const frame = (src) => `<iframe src="${src}" width="300" height="200"></iframe>`;

async function codes(html, options) {
  return diagnose(await visit(stage.context, stage.site.put('/', html), options)).map(({ code }) => code);
}

/** A server of the fixture's own, which answers everything alike. */
async function serving(answer, use) {
  const server = createServer((request, response) => {
    request.resume();
    answer(response, request);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    return await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

const posting =
  (status, headers = {}, body = '{}') =>
  (response) => {
    response.writeHead(status, {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'retry-after',
      ...headers,
    });
    response.end(body);
  };
const sdkAt = (endpoint, attributes = '') =>
  `<script src="${stage.collector.url}/sdk/eyeshot.js" data-site="test" data-endpoint="${endpoint}/v1/events" ${attributes}></script>`;

test('a page that is right has nothing wrong', async () => {
  const widget = stage.other.put('/widget', stage.sdk('data-widget="w"', 'eyeshot-widget.js') + link('in'));
  assert.deepEqual(await codes(stage.sdk(`data-widget-origins="${stage.other.origin}"`) + link('first') + frame(widget)), []);
});

test('a page that bundles the module, in a file or within the page, has nothing wrong', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { init } from './eyeshot.mjs'; init({ site: 'test', endpoint: '${stage.collector.endpoint}' });`,
      resolveDir: fileURLToPath(new URL('../dist', import.meta.url)),
    },
    bundle: true,
    write: false,
    minify: true,
    legalComments: 'none',
    format: 'esm',
  });
  const code = outputFiles[0].text;
  const serve = (response) => response.writeHead(200, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' }).end(code);
  await serving(serve, async (url) => {
    assert.deepEqual(await codes(`<script type="module" src="${url}/app.js"></script>${link('first')}`), []);
  });
  assert.ok(stage.collector.events().length);
  assert.deepEqual(await codes(`<script type="module">${code}</script>${link('first')}`), []);
});

const BROKEN = {
  'no script tag': ['no_script', () => link('first')],
  'a script that is not there': [
    'script_missing',
    () => `<script src="${stage.site.origin}/eyeshot.js" data-site="test"></script>${link('first')}`,
  ],
  'a script on a port where nobody is': [
    'script_unreachable',
    () => `<script src="http://127.0.0.1:9/eyeshot.js" data-site="test"></script>${link('first')}`,
  ],
  'a policy that refuses the script': ['script_csp', () => policy("script-src 'none'") + stage.sdk() + link('first')],
  'a policy that refuses the collector': ['endpoint_csp', () => policy("connect-src 'self'") + stage.sdk() + link('first')],
  'a wrong integrity': ['script_integrity', () => stage.sdk(`crossorigin integrity="sha384-${'A'.repeat(64)}"`) + link('first')],
  'the script twice': ['script_twice', () => stage.sdk() + stage.sdk() + link('first')],
  'a setting out of bounds': ['setting_refused', () => stage.sdk('data-threshold="50"') + link('first')],
  'a tag without a site': ['no_site', () => `<script src="${stage.collector.url}/sdk/eyeshot.js"></script>${link('first')}`],
  'no link to track': ['nothing_tracked', () => `${stage.sdk()}<a href="/">an ordinary link</a>`],
  'consent that nobody gives': ['waits_for_consent', () => stage.sdk('data-consent="required"') + link('first')],
  'a collector that nobody runs': ['endpoint_unreachable', () => sdkAt('http://127.0.0.1:9') + link('first')],
  'a widget without its script': [
    'widget_script_missing',
    () =>
      stage.sdk(`data-widget-origins="${stage.other.origin}"`) + link('first') + frame(stage.other.put('/widget', 'A widget')),
  ],
  'a widget of an origin that is not listed': [
    'widget_origin_unknown',
    () =>
      stage.sdk() +
      link('first') +
      frame(stage.other.put('/widget', stage.sdk('data-widget="w" data-join-ms="0"', 'eyeshot-widget.js') + link('in'))),
  ],
  'a script of the page that comes too early': [
    'page_error',
    () => `<script>eyeshot.on('seen', console.log)</script>${stage.sdk()}${link('first')}`,
  ],
  'links that nobody can see': ['nothing_seen', () => stage.sdk() + link('first', 'opacity:0')],
};

for (const [name, [code, html]] of Object.entries(BROKEN)) {
  test(`${name}: ${code}`, async () => assert.deepEqual(await codes(html()), [code]));
}

const ANSWERS = {
  'a collector that does not know the origin': ['origin_refused', posting(403)],
  'an endpoint that is no collector': ['endpoint_wrong', posting(404)],
  'a collector that is over its quota': ['endpoint_busy', posting(429, { 'retry-after': '60' })],
  'a collector that rejects events': [
    'events_rejected',
    posting(202, {}, '{"accepted":0,"rejected":[{"index":0,"reason":"Expected `int` - at `$.events[0].timestamp`"}]}'),
  ],
  'a collector whose clock is an hour behind': [
    'clock_skew',
    posting(202, { date: new Date(Date.now() - 3_600_000).toUTCString(), 'access-control-expose-headers': 'date' }),
  ],
};

for (const [name, [code, answer]] of Object.entries(ANSWERS)) {
  test(`${name}: ${code}`, () =>
    serving(answer, async (url) => assert.deepEqual(await codes(sdkAt(url) + link('first')), [code])));
}

test('a reader who sends Global Privacy Control: privacy_signal', async () => {
  const prepare = (page) =>
    page.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
  assert.deepEqual(await codes(stage.sdk() + link('first'), { prepare }), ['privacy_signal']);
});

test('a browser whose extension blocks the collector: endpoint_blocked', async () => {
  const prepare = async (page) => {
    await page.setRequestInterception(true);
    page.on('request', (request) => (request.method() === 'POST' ? request.abort('blockedbyclient') : request.continue()));
  };
  assert.deepEqual(await codes(stage.sdk() + link('first'), { prepare }), ['endpoint_blocked']);
});

test('an https page whose script is not: mixed_content', async () => {
  const html = `<!doctype html><script src="http://collect.example/sdk/eyeshot.js" data-site="test"></script>${link('first')}`;
  const prepare = async (page) => {
    await page.setRequestInterception(true);
    page.on('request', (request) =>
      request.url().startsWith('https:') ? request.respond({ contentType: 'text/html', body: html }) : request.continue(),
    );
  };
  const facts = await visit(stage.context, 'https://publisher.example/', { prepare });
  assert.deepEqual(
    diagnose(facts).map(({ code }) => code),
    ['mixed_content'],
  );
});

test('a page that is not there: page_unreachable', async () => {
  const [{ code }] = diagnose(await visit(stage.context, 'http://127.0.0.1:9/'));
  assert.equal(code, 'page_unreachable');
});

test('every check has a page here that it finds', async () => {
  const text = await readFile(fileURLToPath(import.meta.url), 'utf8');
  assert.deepEqual(CODES.filter((code) => !text.includes(`'${code}'`)), []);
});
