/**
 * `node run.mjs`: the scenarios, or those whose name has ONLY, in the engines of ENGINES; exits 1 when one fails, or when an engine that
 * was named is not installed. Without ENGINES, in those that are installed; the others are in the result as skipped.
 */
import { writeResult } from '../../bench/results.mjs';
import { EngineMissing, ENGINE_NAMES } from './engines/openEngine.mjs';
import { eyeshot } from './eyeshot.mjs';
import { failures, line } from './report.mjs';
import { runSuite } from './runSuite.mjs';
import { scenarios } from './scenarios/index.mjs';

const { ENGINES, ONLY = '', BROWSERS = '3' } = process.env;
const wanted = scenarios.filter(({ group, name }) => `${group}: ${name}`.includes(ONLY));
const engines = [];
const absent = [];
let good = true;

for (const name of (ENGINES?.split(',') ?? ENGINE_NAMES)) {
  try {
    const { summary, played, skipped } = await runSuite(name, wanted, eyeshot, { browsers: Number(BROWSERS) });
    console.log(line(summary));
    engines.push(summary);
    const failed = failures(played);
    if (failed) console.log(failed);
    for (const { group, name: text, needs = [] } of skipped)
      console.log(`  – ${group}: ${text} (${name} cannot: ${needs.join(', ')})`);
    good &&= !failed && summary.late_p99_ms <= 150;
  } catch (error) {
    if (!(error instanceof EngineMissing)) throw error;
    console.log(`engine=${name} skipped: ${error.message}`);
    absent.push({ engine: name, reason: error.message });
    good &&= !ENGINES;
  }
}
if (!ONLY) await writeResult('conformance', { engines, absent });
process.exit(good ? 0 : 1);
