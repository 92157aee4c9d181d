/** Results by name, as JSON files in sdk/results. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

/** RESULTS names another folder. */
const FOLDER = process.env.RESULTS ? pathToFileURL(`${process.env.RESULTS}/`) : new URL('../results/', import.meta.url);

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
