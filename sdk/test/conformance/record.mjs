/** An adapter in; a server out that serves its files, and records what it and the pages' journals send. */
import { readFile } from 'node:fs/promises';
import { listen, readBody } from '../servers.mjs';

export async function startRecorder(adapter) {
  const startedAt = Date.now();
  const seen = [];
  const marks = {};
  const starved = [];
  const requests = [];
  const { port, close } = await listen(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://recorder');
    if (pathname in adapter.files) return serve(adapter.files[pathname], response);
    const body = await readBody(request);
    if (pathname === '/journal') enter(JSON.parse(body));
    else if (request.method === 'POST' || request.method === 'GET') {
      requests.push({ path: pathname, at: Date.now(), method: request.method, headers: request.headers, body });
      const read = adapter.read({ url: request.url, body, headers: request.headers });
      seen.push(...read.filter(({ id, at }) => at >= startedAt && (id === undefined || !seen.some((each) => each.id === id))));
    }
    response.writeHead(request.method === 'OPTIONS' ? 204 : (adapter.status ?? 202), permissions(request));
    response.end(request.method === 'OPTIONS' ? undefined : '{}');
  });

  /** The first time of a path has its name; later ones are `/path#2`, `/path#3`… */
  function enter({ kind, path, before, after, ms }) {
    if (kind === 'starved') return starved.push({ path, ms });
    const first = kind === 'ready' ? path : kind;
    let name = first;
    for (let time = 2; name in marks; time++) name = `${first}#${time}`;
    marks[name] = { before, after };
  }

  const url = `http://127.0.0.1:${port}`;
  return { url, seen, marks, starved, requests, close };
}

async function serve(file, response) {
  response.writeHead(200, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' });
  response.end(await readFile(file));
}

function permissions({ headers }) {
  return {
    'access-control-allow-origin': headers.origin ?? '*',
    'access-control-allow-credentials': 'true',
    'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
    'content-type': 'application/json',
  };
}
