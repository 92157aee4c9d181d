/** `node compare.mjs`: every tracker plays the scenarios in Chromium; the matrix goes into docs/comparison.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { eyeshot } from './eyeshot.mjs';
import { buildPeers } from './peers/build.mjs';
import { peers } from './peers/index.mjs';
import { renderMatrix } from './renderMatrix.mjs';
import { line } from './report.mjs';
import { runSuite } from './runSuite.mjs';
import { scenarios } from './scenarios/index.mjs';

const PAGE = new URL('../../../docs/comparison.md', import.meta.url);
const { ONLY = '', BROWSERS = '3', ENGINES = 'chromium' } = process.env;

await buildPeers();
const trackers = [{ ...eyeshot, title: 'Eyeshot' }, ...peers()];
const asked = scenarios.filter(({ group, name, features = [] }) => {
  const isOffered = trackers.slice(1).some((tracker) => features.every((each) => tracker.features.has(each)));
  return isOffered && `${group}: ${name}`.includes(ONLY);
});
const runs = [];
for (const tracker of trackers) {
  const run = await runSuite(ENGINES.split(',')[0], asked, tracker, { browsers: Number(BROWSERS) });
  console.log(tracker.name, line(run.summary));
  runs.push({ tracker, ...run });
}
if (!ONLY) await write(runs);

async function write(all) {
  const [head] = (await readFile(PAGE, 'utf8')).split(/(?<=<!-- generated -->\n)/);
  await writeFile(PAGE, `${head}${renderMatrix(asked, all)}`);
}
