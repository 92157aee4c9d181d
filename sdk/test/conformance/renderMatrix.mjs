/** Scenarios, and what each tracker made of them, in; the matrix of docs/comparison.md out. */
export function renderMatrix(scenarios, runs) {
  const { version } = runs[0].summary;
  const rows = scenarios.map((scenario) => ({
    title: `${scenario.group}: ${scenario.name}`,
    cells: runs.map(({ played, tracker }) =>
      isAsked(scenario, tracker) ? cell(played.find((each) => each.scenario === scenario)) : NOT_ASKED,
    ),
  }));
  const shown = rows.filter(({ cells }) => cells.some((text) => text !== RIGHT && text !== NOT_ASKED));
  const table = [
    ['scenario', ...runs.map(({ tracker }) => tracker.title)],
    ['---', ...runs.map(() => '---')],
    [
      '**right**',
      ...runs.map(({ played, summary }) => `**${rightOf(played)}**; ${summary.false} false, ${summary.missed} missed`),
    ],
    ...shown.map(({ title, cells }) => [title, ...cells]),
  ];
  const same = scenarios.length - shown.length;
  return [
    `\nIn ${version.replace('/', ' ')}, ${scenarios.length} scenarios; the ${same} that every tracker passes that is asked are left out.\n`,
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n');
}

const RIGHT = '✓';
/** The tracker does not offer what it is about. */
const NOT_ASKED = '';
/** The tracker left its page no processor for a fair play. */
const UNDECIDED = '–';

function isAsked({ features = [] }, tracker) {
  return features.every((each) => tracker.features.has(each));
}

function rightOf(played) {
  const decided = played.map(cell).filter((text) => text !== UNDECIDED);
  return `${decided.filter((text) => text === RIGHT).length} of ${decided.length}`;
}

function cell(played) {
  const kinds = new Set(played?.problems.map(({ kind }) => kind) ?? ['undecided']);
  if (kinds.has('undecided')) return UNDECIDED;
  return [...kinds].join(', ') || RIGHT;
}
