/** src/ in; one declaration file beside each module of dist/, with what its users may name and what that stands on, out. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = new URL('.', import.meta.url).pathname;
const ENTRIES = { page: 'eyeshot', widget: 'eyeshot-widget', followTcf: 'eyeshot-tcf' };
const DECLARED = /^(export )?(declare )?(const enum|enum|interface|type|class|function|const|let) (\w+)/;

const types = await mkdtemp(join(tmpdir(), 'eyeshot-types-'));
try {
  execFileSync(join(folder, 'node_modules/.bin/tsc'), ['--outDir', types], { cwd: folder, stdio: 'inherit' });
  await mkdir(`${folder}dist`, { recursive: true });
  for (const [entry, name] of Object.entries(ENTRIES)) await writeFile(`${folder}dist/${name}.d.mts`, await roll(entry));
  // Imported for what it does; it has nothing to name.
  await writeFile(`${folder}dist/eyeshot-debug.d.ts`, 'export {};\n');
} finally {
  await rm(types, { recursive: true });
}

async function roll(entry) {
  const modules = new Map();
  const { statements, passedOn } = await read(entry, modules);
  const own = statements.filter(({ text }) => /^export /m.test(text)).flatMap(({ names }) => names);
  const wanted = [...own.map((name) => [entry, name]), ...passedOn];
  const open = new Set(wanted.map(([, name]) => name));
  const taken = new Map();
  for (const [module, name] of wanted) {
    const { statements: all, imported } = await read(module, modules);
    const statement = all.find(({ names }) => names.includes(name));
    if (!statement) {
      if (imported[name]) wanted.push([imported[name], name]);
      continue;
    }
    if (taken.has(statement)) continue;
    if ([...taken.keys()].some(({ names }) => names.includes(name))) throw new Error(`two declarations are called ${name}`);
    taken.set(statement, statement.names.some((each) => open.has(each)));
    const words = new Set(statement.text.replace(/\/\*.*?\*\//gs, '').match(/\w+/g));
    const known = [...all.flatMap(({ names }) => names), ...Object.keys(imported)];
    wanted.push(...known.filter((each) => words.has(each)).map((each) => [module, each]));
  }
  return [...taken].map(([{ text }, isOpen]) => (isOpen ? text : text.replace(/^export /m, ''))).join('') + 'export {};\n';
}

/** A module's declarations, what it imports (name → module), and what it passes on, as pairs of module and name. */
async function read(module, modules) {
  if (!modules.has(module)) modules.set(module, parse(await readFile(join(types, `${module}.d.ts`), 'utf8')));
  return modules.get(module);
}

/** tsc begins every statement at the margin, and ends it there. */
function parse(code) {
  const found = { statements: [], imported: {}, passedOn: [] };
  for (const [text] of code.matchAll(/(?:^\/\*\*.*?\*\/\n)*^\w(?:[^\n]*[;}]\n|.*?^\}[^\n]*\n)/gms)) {
    const line = text.replace(/^\/\*\*.*?\*\/\n/gms, '');
    const [, verb, list, from] = /^(import|export)(?: type)? \{(.*?)\} from '\.\/(\w+)';$/m.exec(line) ?? [];
    const names = list?.split(',').map((name) => name.replace('type ', '').trim());
    if (verb === 'import') for (const name of names) found.imported[name] = from;
    else if (verb) found.passedOn.push(...names.map((name) => [from, name]));
    else if (DECLARED.test(line)) found.statements.push({ text, names: namesOf(line) });
  }
  return found;
}

/** `const init: …, consent: …` declares two. */
function namesOf(line) {
  const [, , , kind, name] = DECLARED.exec(line);
  return kind === 'const' ? [name, ...[...line.matchAll(/, (\w+): \(/g)].map(([, each]) => each)] : [name];
}
