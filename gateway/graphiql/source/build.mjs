/** Bundles the page into `dist/`: content-hashed files, `manifest.json` naming the entries, and the licences of what is inside. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const OUT = 'dist';
const RULE = '='.repeat(80);
const COMMON = {
  bundle: true,
  minify: true,
  metafile: true,
  legalComments: 'none',
  charset: 'utf8',
  target: 'es2022',
  outdir: OUT,
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.ttf': 'file', '.graphql': 'text' },
  define: { 'process.env.NODE_ENV': '"production"' },
};

// graphql may exist once only: a schema built by one copy is refused by the functions of another.
const ONE_GRAPHQL = {
  name: 'one-graphql',
  setup({ onResolve }) {
    const entry = fileURLToPath(import.meta.resolve('graphql'));
    onResolve({ filter: /^graphql$/ }, () => ({ path: entry }));
  },
};

// What GraphiQL imports, and the smaller file it gets instead.
const SLIMMER = {
  'prettier/parser-babel': 'json_formatting.js',
  'prettier/plugins/estree': 'json_formatting.js',
  'prettier/parser-graphql': 'node_modules/prettier/plugins/graphql.mjs',
};

const workers = await build({
  ...COMMON,
  format: 'iife',
  entryPoints: {
    'editor-worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'json-worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
    'graphql-worker': 'monaco-graphql/esm/graphql.worker.js',
  },
  plugins: [ONE_GRAPHQL],
});
const workerNames = Object.fromEntries(entriesOf(workers).map(([entry, file]) => [entry.replace('-worker', ''), file]));

const page = await build({
  ...COMMON,
  format: 'esm',
  entryPoints: { main: 'main.jsx' },
  jsx: 'automatic',
  define: { ...COMMON.define, WORKERS: JSON.stringify(workerNames) },
  alias: Object.fromEntries(Object.entries(SLIMMER).map(([name, file]) => [name, path.resolve(file)])),
  plugins: [ONE_GRAPHQL],
});
const boot = await build({ ...COMMON, format: 'iife', entryPoints: { boot: 'boot.js' } });

const names = Object.fromEntries([...entriesOf(page), ...entriesOf(boot)]);
const style = Object.keys(page.metafile.outputs).find((file) => file.endsWith('.css'));
await mkdir(OUT, { recursive: true });
await writeFile(
  path.join(OUT, 'manifest.json'),
  JSON.stringify({ boot: names.boot, script: names.main, style: path.basename(style) }, null, 2) + '\n',
);
await writeFile(path.join(OUT, 'LICENSES.txt'), await licences([workers, page]));

function entriesOf(result) {
  return Object.entries(result.metafile.outputs)
    .filter(([file, { entryPoint }]) => entryPoint && file.endsWith('.js'))
    .map(([file]) => path.basename(file))
    .map((file) => [file.replace(/-[^-]+\.js$/, ''), file]);
}

async function licences(results) {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const folders = new Set(inputs.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean));
  const holders = new Map();
  for (const folder of [...folders].sort()) {
    const { name, text } = await licenceOf(folder);
    holders.set(text, [...(holders.get(text) ?? []), name]);
  }
  const parts = [...holders].map(([text, names]) => `${RULE}\n${names.join('\n')}\n${RULE}\n${text}\n`);
  return `The files in this folder contain the following packages.\n\n${parts.join('\n')}`;
}

async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|thirdpartynotices)(\.(md|txt))?$/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return { name: `${name} ${version} (${license})`, text: texts.map((text) => text.trim()).join('\n\n') };
}
