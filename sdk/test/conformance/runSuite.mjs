/** An engine's name, scenarios and an adapter in; what came of each out. Several browsers play at once, one scenario each; what was disturbed too often is played once more, alone. */
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
  const undecided = [];
  const played = [];
  const work = async (engine, queue, again) => {
    try {
      for (let scenario; (scenario = queue.shift());) {
        const result = await playScenario(scenario, engine, adapter);
        if (again && result.problems.some(({ kind }) => kind === 'undecided')) again.push(scenario);
        else {
          played.push(result);
          told(result);
        }
      }
    } finally {
      await engine.close();
    }
  };
  const count = Math.min(browsers, waiting.length);
  const more = Array.from({ length: count - 1 }, async () => work(await openEngine(name), waiting, undecided));
  await Promise.all([work(first, waiting, undecided), ...more]);
  // The other browsers may have been what disturbed them.
  if (undecided.length) await work(await openEngine(name), undecided);
  return { summary: summarize(first, played, skipped, (Date.now() - startedAt) / 1000), played, skipped };
}
