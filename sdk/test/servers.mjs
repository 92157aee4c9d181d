/** Real HTTP servers of a test: sites that serve what they are given, and a collector that records what is posted. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const DIST = new URL('../dist/', import.meta.url);

/** A site whose pages are given by the test; `host` decides its origin (127.0.0.1 and localhost are two sites). */
export async function startSite(host) {
  const pages = new Map();
  const requests = [];
  const { port, close } = await listen(async (request, response) => {
    requests.push(request.url);
    const html = pages.get(request.url.split('?')[0]);
    response.writeHead(html === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(html ?? 'No such page');
  });
  const origin = `http://${host}:${port}`;
  return {
    origin,
    requests,
    close,
    /** Puts a page there; gives its URL. */
    put(path, body) {
      pages.set(path, `<!doctype html><meta name="viewport" content="width=device-width"><title>Test</title>${body}`);
      return origin + path;
    },
  };
}

/** A collector: serves the SDK, records every request, and answers as `answers` says, one after the other, then 202. */
export async function startCollector() {
  const requests = [];
  const answers = [];
  const { port, close } = await listen(async (request, response) => {
    if (request.url.startsWith('/sdk/')) return serveSdk(request.url.slice(5), response, collector.tamper);
    const body = await readBody(request);
    const answer = answers.shift() ?? { status: 202 };
    requests.push({ method: request.method, headers: request.headers, body, at: Date.now(), status: answer.status ?? 0 });
    if (!answer.status) return request.socket.destroy();
    response.writeHead(answer.status, {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'retry-after',
      ...answer.headers,
    });
    response.end(answer.body ?? '{}');
  });
  const url = `http://127.0.0.1:${port}`;
  const batches = () => requests.filter(({ status }) => status === 202).map(({ body }) => JSON.parse(body));
  const collector = {
    url,
    tamper: undefined,
    endpoint: `${url}/v1/events`,
    requests,
    answers,
    batches,
    close,
    /** Every event that was accepted, with its identity, in the order of arrival; once, as the compactor keeps it. */
    allEvents: () => distinct(batches().flatMap(({ e, ...shared }) => e.map((event, i) => ({ ...shared, ...event, n: shared.n + i })))),
    /** The same without the final counts. */
    events() {
      return this.allEvents().filter(({ et }) => et !== 'page_end');
    },
  };
  return collector;
}

function distinct(events) {
  const known = new Set();
  const isNew = ({ pv, so, n }) => known.size < known.add(`${pv} ${so} ${n}`).size;
  return events.filter(isNew);
}

/** @param tampered the file to which somebody added something on the way */
async function serveSdk(file, response, tampered) {
  response.writeHead(200, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' });
  response.end((await readFile(new URL(file, DIST))) + (file === tampered ? ';' : ''));
}

export async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export async function listen(handle) {
  const server = createServer((request, response) => {
    handle(request, response).catch((error) => response.destroy(error));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { port: server.address().port, close };
}
