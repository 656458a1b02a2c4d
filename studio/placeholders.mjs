// What the build writes where an address belongs, and what stands there at the start.

const NAME = "supamanager.invalid";
const API = `https://api.${NAME}`;
const STUDIO = `https://studio.${NAME}`;
const PROJECTS = `https://*.projects.${NAME}`;
const PROJECTS_SOCKET = `wss://*.projects.${NAME}`;

export const PLACEHOLDERS = [API, STUDIO, PROJECTS, PROJECTS_SOCKET];

const UPGRADE = "; upgrade-insecure-requests";
const LABEL = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

export class Refused extends Error {}

// Whether a file has something to fill in.
export function holds(text) {
  return text.includes(NAME);
}

// What is left of a placeholder in a form that nobody replaces, for instance with escaped slashes.
export function remnants(text) {
  const rest = PLACEHOLDERS.reduce((left, placeholder) => left.replaceAll(placeholder, ""), text);
  const found = /.{0,30}supamanager\\*\.invalid.{0,10}/.exec(rest);
  return found && found[0];
}

// The pairs of text and replacement that the environment asks for; throws Refused with all that is
// wrong. Every value is in a form that means itself in JavaScript, JSON, HTML and a header.
export function replacements(environment) {
  const problems = [];
  const origin = (name) => {
    const value = environment[name];
    if (!value) {
      problems.push(`${name} is missing`);
      return new URL("https://none.invalid");
    }
    let url;
    try {
      url = new URL(value);
    } catch {
      url = null;
    }
    const host = url && url.hostname.replace(/^\[[0-9a-f:]+\]$/, "ip");
    if (!url || !/^https?:$/.test(url.protocol) || url.origin !== value.replace(/\/$/, "") || !DOMAIN.test(host)) {
      problems.push(`${name} must be like https://name.example.com, in lower case and without a path`);
      return new URL("https://none.invalid");
    }
    return url;
  };
  const api = origin("API_URL");
  const studio = origin("DOMAIN_STUDIO_URL");
  const base = environment.DOMAIN_BASE ?? "";
  if (!base) problems.push("DOMAIN_BASE is missing");
  else if (!DOMAIN.test(base) || base.length > 253) {
    problems.push("DOMAIN_BASE must be a name like projects.example.com");
  }
  if (api.hostname.startsWith("platform")) {
    problems.push("API_URL: Studio takes a host name that begins with 'platform' for a part of the path");
  }
  if (studio.protocol === "https:" && api.protocol === "http:") {
    problems.push("API_URL must begin with https:// when DOMAIN_STUDIO_URL does: browsers refuse the mix");
  }
  if (problems.length > 0) throw new Refused(problems.join("\n"));

  const secure = studio.protocol === "https:";
  return [
    [API, api.origin],
    [STUDIO, studio.origin],
    [PROJECTS, `${secure ? "https" : "http"}://*.${base}:*`],
    [PROJECTS_SOCKET, `${secure ? "wss" : "ws"}://*.${base}:*`],
    // Over plain http a browser would look for everything at https.
    ...(secure ? [] : [[UPGRADE, ""]]),
  ];
}
