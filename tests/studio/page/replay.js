// What a page of Studio does when it talks to the management API: a session kept by auth-js, and
// requests that carry it. The steps themselves come from the test.
import { AuthClient } from "@supabase/auth-js";

let settings;
let client;

function start(given) {
  settings = given;
  client = new AuthClient({
    url: settings.gotrue,
    storageKey: "supabase.dashboard.auth.token",
    detectSessionInUrl: true,
  });
  document.querySelector("h1").textContent = settings.title;
}

async function request({ method, path, headers, body, anonymous }) {
  const sent = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "X-Request-Id": crypto.randomUUID(),
  };
  if (!anonymous) {
    // Studio asks for the session before every call, so that an old token is renewed first.
    const { data } = await client.getSession();
    if (data.session) sent.Authorization = `Bearer ${data.session.access_token}`;
  }
  const answer = await fetch(settings.api + path, {
    method,
    headers: { ...sent, ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: settings.credentials,
  });
  return { status: answer.status, text: await answer.text() };
}

async function auth(name, values) {
  const path = name.split(".");
  const method = path.pop();
  const owner = path.reduce((object, key) => object[key], client);
  const { data, error } = await owner[method](...values);
  return {
    data: data ?? null,
    error: error && { message: error.message, status: error.status ?? null, code: error.code ?? null },
  };
}

function show(screen, label, failed) {
  const main = document.querySelector("main");
  let section = main.querySelector(`section[data-screen="${screen}"]`);
  if (!section) {
    section = document.createElement("section");
    section.dataset.screen = screen;
    section.append(document.createElement("h2"), document.createElement("ol"));
    section.firstChild.textContent = screen;
    main.append(section);
  }
  const line = document.createElement("li");
  line.textContent = label;
  line.classList.toggle("failed", failed);
  section.lastChild.append(line);
  return document.documentElement.scrollHeight;
}

window.studio = { start, request, auth, show };
