/** Nothing in; a real Kafka behind a real collector out: its address, and every record's value as it is in the topic. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const ROOT = new URL('../../../', import.meta.url).pathname;

export async function startBackend() {
  const process = spawn(`${ROOT}.venv/bin/python`, ['-m', 'tests.delivery'], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('Kafka and the collector ended too soon; what they said is above');
    return value;
  };
  let line = await next();
  while (!line.startsWith('{')) line = await next();
  return {
    url: JSON.parse(line).url,
    async read() {
      process.stdin.write('read\n');
      const values = [];
      for (let value = await next(); value; value = await next()) if (value.startsWith('{')) values.push(JSON.parse(value));
      return values;
    },
    stop() {
      process.stdin.end();
      return new Promise((done) => process.on('exit', done));
    },
  };
}
