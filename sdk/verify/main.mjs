/** `node verify/main.mjs URL`: visits the page in a headless browser; says what is wrong, or what was seen. Exits 1 when something is. */
import { launchChromium } from '../test/launchChromium.mjs';
import { diagnose } from './diagnose.mjs';
import { visit } from './visit.mjs';

const [url] = process.argv.slice(2);
if (!url || !URL.canParse(url)) {
  console.error('make verify URL=https://your.page/with/links');
  process.exit(2);
}
const browser = await launchChromium({});
try {
  const facts = await visit(browser, url);
  const wrong = diagnose(facts);
  for (const { code, text, mend } of wrong) console.log(`✗ ${text} [${code}]\n  ${mend}`);
  if (!wrong.length)
    console.log(`✓ ${url}: Eyeshot runs; tracked links: ${facts.page.tracked}; events that the collector took: ${taken(facts)}`);
  process.exitCode = wrong.length ? 1 : 0;
} finally {
  await browser.close();
}

function taken({ requests, page }) {
  const posts = requests.filter(({ url: to, status }) => status === 202 && to.startsWith(page.endpoint));
  return posts.reduce((sum, { body }) => sum + (body ? JSON.parse(body).e.length : 0), 0);
}
