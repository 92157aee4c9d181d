/** What came of every scenario in; one line per engine and a list of what failed out. */
export function summarize(engine, played, skipped, seconds) {
  const problems = played.flatMap((each) => each.problems);
  const count = (kind) => problems.filter((problem) => problem.kind === kind).length;
  const lateness = played.flatMap((each) => each.lateness).sort((a, b) => a - b);
  return {
    engine: engine.name,
    version: engine.version,
    scenarios: played.length,
    skipped: skipped.length,
    repeated: played.reduce((sum, { disturbances }) => sum + disturbances.length, 0),
    impressions: lateness.length,
    false: count('false'),
    missed: count('missed'),
    wrong: count('wrong'),
    undecided: count('undecided'),
    late_p50_ms: quantile(lateness, 0.5),
    late_p99_ms: quantile(lateness, 0.99),
    seconds: Math.round(seconds),
  };
}

export function line(summary) {
  return Object.entries(summary)
    .map(([name, value]) => `${name}=${String(value).replaceAll(' ', '_')}`)
    .join(' ');
}

export function failures(played) {
  return played
    .filter(({ problems }) => problems.length)
    .map(
      ({ scenario, problems }) =>
        `  ✗ ${scenario.group}: ${scenario.name}\n${problems.map(({ kind, text }) => `      ${kind}: ${text}`).join('\n')}`,
    )
    .join('\n');
}

function quantile(sorted, share) {
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] : 0;
}
