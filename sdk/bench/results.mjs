/** Results by name, as JSON files in sdk/results. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';

const FOLDER = new URL('../results/', import.meta.url);

export async function readResult(name) {
  try {
    return JSON.parse(await readFile(new URL(`${name}.json`, FOLDER), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeResult(name, result) {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(new URL(`${name}.json`, FOLDER), `${JSON.stringify(result, null, 2)}\n`);
}
