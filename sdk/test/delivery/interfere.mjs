/** A collector's address in; the same collector out, behind a line that fails as each life's plan says. */
import { request as forwardTo } from 'node:http';
import { readFile } from 'node:fs/promises';
import { listen, readBody } from '../servers.mjs';

const DIST = new URL('../../dist/', import.meta.url);
const SLOW_MS = 1500;
const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' };

/** What may become of a request. `forward` says whether the collector gets it, `answer` whether the page hears of it. */
const OUTCOMES = {
  ok: { forward: true },
  503: { status: 503, headers: { 'retry-after': '1' } },
  429: { status: 429, headers: { 'retry-after': '1' } },
  slow: { forward: true, waitMs: SLOW_MS },
  cut: { cut: true },
  deaf: { forward: true, cut: true },
  swallowed: { status: 202 },
};

export async function interfere(collectorUrl) {
  /** Life → outcomes of its next requests, one after the other; then all is well. */
  const plans = new Map();
  /** (page view, source, sequence) → whether the collector got it. */
  const passed = new Map();
  let swallows = () => false;

  const { port, close } = await listen(async (request, response) => {
    const url = new URL(request.url, 'http://line');
    if (url.pathname.startsWith('/sdk/')) return serve(url.pathname.slice(5), response);
    const body = await readBody(request);
    const life = url.searchParams.get('life');
    const name = swallows(JSON.parse(body), life) ? 'swallowed' : (plans.get(life)?.shift() ?? 'ok');
    const outcome = OUTCOMES[name];
    const answer = outcome.forward ? await forward(collectorUrl, request.headers, body) : undefined;
    note(JSON.parse(body), answer?.status === 202);
    if (outcome.waitMs) await new Promise((done) => setTimeout(done, outcome.waitMs));
    if (outcome.cut) return request.socket.destroy();
    response.writeHead(answer?.status ?? outcome.status, { ...CORS, ...answer?.headers, ...outcome.headers });
    response.end(answer?.body ?? '{"accepted":0,"rejected":[]}');
  });

  function note({ pv, so, n, e }, arrived) {
    e.forEach((_, index) => {
      const id = `${pv} ${so} ${n + index}`;
      passed.set(id, passed.get(id) || arrived);
    });
  }

  return {
    url: `http://127.0.0.1:${port}`,
    plans,
    passed,
    close,
    /** From now on, batches for which it holds are answered and thrown away. */
    swallow(which) {
      swallows = which;
    },
  };
}

async function serve(file, response) {
  response.writeHead(200, {
    'content-type': 'text/javascript',
    'access-control-allow-origin': '*',
    'cache-control': 'max-age=600',
  });
  response.end(await readFile(new URL(file, DIST)));
}

function forward(collectorUrl, { 'content-type': type, origin, 'user-agent': agent }, body) {
  const headers = { 'content-type': type, 'user-agent': agent ?? 'test', ...(origin && { origin }) };
  return new Promise((done, fail) => {
    const sent = forwardTo(`${collectorUrl}/v1/events`, { method: 'POST', headers }, async (answer) => {
      const retryAfter = answer.headers['retry-after'];
      done({ status: answer.statusCode, headers: retryAfter ? { 'retry-after': retryAfter } : {}, body: await readBody(answer) });
    });
    sent.on('error', fail);
    sent.end(body);
  });
}
