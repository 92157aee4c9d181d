/** `node run.mjs`: the scenarios in every engine of ENGINES, or those whose name has ONLY; exits 1 when one fails. */
import { writeResult } from '../../bench/results.mjs';
import { EngineMissing, ENGINE_NAMES } from './engines/openEngine.mjs';
import { eyeshot } from './eyeshot.mjs';
import { failures, line } from './report.mjs';
import { runSuite } from './runSuite.mjs';
import { scenarios } from './scenarios/index.mjs';

const { ENGINES = ENGINE_NAMES.join(','), ONLY = '', BROWSERS = '3' } = process.env;
const wanted = scenarios.filter(({ group, name }) => `${group}: ${name}`.includes(ONLY));
const engines = [];
let good = true;

for (const name of ENGINES.split(',')) {
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
  }
}
if (!ONLY) await writeResult('conformance', { engines });
process.exit(good ? 0 : 1);
