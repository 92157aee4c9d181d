/** An engine's name, scenarios and an adapter in; what came of each out. Several browsers play at once, one scenario each. */
import { openEngine } from './engines/openEngine.mjs';
import { playScenario } from './playScenario.mjs';
import { summarize } from './report.mjs';

/** @throws EngineMissing when the engine is not installed. */
export async function runSuite(name, scenarios, adapter, { browsers = 3, told = () => {} } = {}) {
  const startedAt = Date.now();
  const first = await openEngine(name);
  const fits = ({ needs = [], features = [] }) =>
    needs.every((each) => first.can.has(each)) && features.every((each) => adapter.features.has(each));
  const waiting = scenarios.filter(fits);
  const skipped = scenarios.filter((each) => !fits(each));
  const played = [];
  const work = async (engine) => {
    try {
      for (let scenario; (scenario = waiting.shift());) {
        const result = await playScenario(scenario, engine, adapter);
        played.push(result);
        told(result);
      }
    } finally {
      await engine.close();
    }
  };
  const more = Array.from({ length: Math.min(browsers, waiting.length) - 1 }, async () => work(await openEngine(name)));
  await Promise.all([work(first), ...more]);
  return { summary: summarize(first, played, skipped, (Date.now() - startedAt) / 1000), played, skipped };
}
