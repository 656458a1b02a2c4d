// node start.mjs PRISTINE APP SERVER: fills this installation's addresses into the built files and
// runs Studio's server in this process. A restart, with other addresses or after a kill in the
// middle, begins from the untouched copies again.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import http from "node:http";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { Refused, replacements } from "./placeholders.mjs";

// Studio waits on its sign-in page for news of incidents that only Supabase has.
const ANSWERS = { "/api/incident-banner": '{"incidents":[]}', "/api/incident-status": "[]" };

function fill(pristine, app, pairs) {
  for (const entry of readdirSync(pristine, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(app, source.slice(pristine.length));
    let text = readFileSync(source, "latin1");
    for (const [placeholder, value] of pairs) text = text.replaceAll(placeholder, () => value);
    mkdirSync(dirname(target), { recursive: true });
    const partial = `${target}.partial`;
    writeFileSync(partial, text, "latin1");
    renameSync(partial, target);
  }
}

function answerIncidents() {
  const { emit } = http.Server.prototype;
  http.Server.prototype.emit = function (event, request, response, ...rest) {
    const body = event === "request" && ANSWERS[request.url.split("?", 1)[0]];
    if (!body) return emit.call(this, event, request, response, ...rest);
    response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
    response.end(request.method === "HEAD" ? undefined : body);
    return true;
  };
}

const [pristine, app, server] = process.argv.slice(2).map((path, index) => (index < 2 ? resolve(path) : path));
try {
  fill(pristine, app, replacements(process.env));
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error(error.message);
  process.exit(1);
}
// Read by Studio's own server, which calls edge functions for the browser.
process.env.NIMBUS_PROD_PROJECTS_URL = `https://*.${process.env.DOMAIN_BASE}`;
answerIncidents();
process.chdir(app);
await import(pathToFileURL(join(app, server)));
