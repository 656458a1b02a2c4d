// The end of the build: node collect.mjs APP PRISTINE. Copies every file with a placeholder from the
// built tree to a second one, from which each start fills in the first.
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { PLACEHOLDERS, holds, remnants } from "./placeholders.mjs";

const [app, pristine] = process.argv.slice(2);
const missing = new Set(PLACEHOLDERS);
const problems = [];
let count = 0;

for (const entry of readdirSync(app, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const source = join(entry.parentPath, entry.name);
  const text = readFileSync(source, "latin1");
  if (!holds(text)) {
    if (remnants(text)) problems.push(`${source}: ${remnants(text)}`);
    continue;
  }
  if (remnants(text)) problems.push(`${source}: ${remnants(text)}`);
  for (const placeholder of PLACEHOLDERS) if (text.includes(placeholder)) missing.delete(placeholder);
  const target = join(pristine, source.slice(app.length));
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target);
  count += 1;
}

if (missing.size > 0) problems.push(`nothing in ${app} names ${[...missing].join(", ")}`);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`${count} files with addresses to fill in`);
