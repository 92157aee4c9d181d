/** A scenario, an engine and an adapter in; what came of it out, played again while its page had no processor. */
import { judge } from './judge.mjs';
import { Disturbed, createReader } from './reader.mjs';
import { stageScenario } from './stageScenario.mjs';

const PLAYS_MAX = 8;
/** Longer than the second that a link needs: what is wrongly counted would be counted by then. */
const LOOK_MS = 1600;
const ARRIVE_MS = 6000;
const STRAGGLERS_MS = 150;

export async function playScenario(scenario, engine, adapter) {
  const disturbances = [];
  while (disturbances.length < PLAYS_MAX) {
    const { disturbed, ...played } = await playOnce(scenario, engine, adapter);
    if (!disturbed) return { scenario, disturbances, ...played };
    disturbances.push(disturbed);
  }
  const text = `disturbed ${PLAYS_MAX} times: ${disturbances.at(-1)}`;
  return { scenario, disturbances, problems: [{ kind: 'undecided', text }], lateness: [] };
}

async function playOnce(scenario, engine, adapter) {
  const stage = await stageScenario(scenario, adapter);
  const tab = await engine.openTab();
  try {
    await act(scenario, createReader(tab, stage));
    await arrived(scenario, stage.recorder);
    const { seen, marks, starved } = stage.recorder;
    if (starved.length) return { disturbed: starved.map(({ path, ms }) => `${path} starved for ${ms} ms`).join(', ') };
    const verdict = judge(scenario, seen, marks);
    const thrown = tab.errors.map((text) => ({ kind: 'wrong', text: `the page was thrown ${text}` }));
    return { ...verdict, problems: [...verdict.problems, ...thrown], observed: seen, marks };
  } catch (error) {
    if (error instanceof Disturbed) return { disturbed: error.message };
    return {
      problems: [{ kind: 'wrong', text: `it could not be played: ${error.stack.split('\n').slice(0, 2).join(' ')}` }],
      lateness: [],
    };
  } finally {
    await tab.close().catch(() => {});
    await stage.close();
  }
}

async function act(scenario, reader) {
  const { tab, stage } = reader;
  if (scenario.open) await scenario.open(reader);
  else
    await tab
      .show()
      .then(() => tab.go(stage.url))
      .then(() => reader.ready());
  await scenario.act?.(reader);
  await reader.look(scenario.look ?? LOOK_MS);
  await tab.leave();
}

async function arrived({ expect }, { seen }) {
  const deadline = Date.now() + ARRIVE_MS;
  while (seen.length < expect.length && Date.now() < deadline) await new Promise((next) => setTimeout(next, 20));
  await new Promise((next) => setTimeout(next, STRAGGLERS_MS));
}
