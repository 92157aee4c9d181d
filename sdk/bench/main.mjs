/** `node bench/main.mjs`: measures size, payload and cost, takes in what conformance and delivery found, writes results/sdk.json. */
import { readResult, writeResult } from './results.mjs';
import { measureCost } from './measureCost.mjs';
import { measurePayload } from './measurePayload.mjs';
import { measureSize } from './measureSize.mjs';

const size = await measureSize();
const payload = await measurePayload();
const cost = await measureCost();
const conformance = await readResult('conformance');
const delivery = await readResult('delivery');
const scrolling = (name) => cost[name].scripting_ms_per_s_scrolling;
const sum = (key) => conformance?.engines.reduce((total, each) => total + each[key], 0) ?? null;

await writeResult('sdk', {
  page_gz: size.files['eyeshot.js'].gz,
  widget_gz: size.files['eyeshot-widget.js'].gz,
  scenarios: sum('scenarios'),
  false: sum('false'),
  missed: sum('missed'),
  engines_absent: conformance?.absent?.map(({ engine }) => engine) ?? null,
  scripting_ratio_snowplow: Math.round((scrolling('eyeshot') / scrolling('snowplow')) * 1000) / 1000,
  bytes_raw_per_event: payload.eyeshot.raw,
  bytes_gz_per_event: payload.eyeshot.gz,
  loss_error_points: delivery?.loss_error_points ?? null,
  detail: { size, payload, cost, conformance, delivery },
});

console.log('Bytes                                                      raw     gzip');
for (const [name, { raw, gz }] of Object.entries(size.files))
  console.log(`  ${name.padEnd(54)} ${String(raw).padStart(6)}   ${String(gz).padStart(6)}`);
console.log(`Bytes per event, 20 in a batch, links of ${payload.link_chars} characters`);
for (const name of ['eyeshot', 'naive', 'seed'])
  console.log(`  ${name.padEnd(54)} ${String(payload[name].raw).padStart(6)}   ${String(payload[name].gz).padStart(6)}`);
console.log('Script of a page with 1,000 links, ms                    index   scroll/s   idle/s   work while idle');
for (const [name, each] of Object.entries(cost)) {
  const numbers = [each.index_ms, each.scripting_ms_per_s_scrolling, each.scripting_ms_per_s_idle].map((ms) =>
    String(ms).padStart(8),
  );
  console.log(`  ${name.padEnd(54)} ${numbers.join('  ')}   ${JSON.stringify(each.idle_work)}`);
}
for (const [name, found] of Object.entries({ conformance, delivery }))
  if (!found) console.log(`make ${name} has not run: its numbers are missing`);
for (const { engine, reason } of conformance?.absent ?? []) console.log(`${engine} did not play: ${reason}`);
console.log('written to sdk/results/sdk.json');
