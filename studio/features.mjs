// Sets switches in Studio's own file of features: node features.mjs FILE. Part of the build only,
// since the sign-in page has no profile that could say what is offered.
import { readFileSync, writeFileSync } from "node:fs";

const [file] = process.argv.slice(2);
const wanted = JSON.parse(readFileSync(new URL("features.json", import.meta.url)));
const features = JSON.parse(readFileSync(file));
const unknown = Object.keys(wanted).filter((name) => !(name in features));
if (unknown.length > 0) {
  console.error(`${file} does not have ${unknown.join(", ")}: upstream has renamed them`);
  process.exit(1);
}
writeFileSync(file, JSON.stringify({ ...features, ...wanted }, null, 2));
