// Drives @supabase/auth-js: one line of JSON in, one out. Each tab is a client of its own; all of
// them share one storage, as the tabs of a browser do, and nothing locks it.
//
//   {"calls": [{"tab": "a", "name": "mfa.enroll", "arguments": [{…}]}, …]}   all at once
//   [{"data": …, "error": {"message", "code", "status", "name"} | null}, …]

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const [, , url, modules] = process.argv
const { GoTrueClient } = createRequire(`${modules}/`)('@supabase/auth-js')

const kept = new Map()
const storage = {
  getItem: async (key) => kept.get(key) ?? null,
  setItem: async (key, value) => void kept.set(key, value),
  removeItem: async (key) => void kept.delete(key),
}

const tabs = new Map()
function tab(name) {
  if (!tabs.has(name)) {
    const client = new GoTrueClient({
      url,
      storage,
      storageKey: 'dashboard',
      autoRefreshToken: false,
      detectSessionInUrl: false,
      persistSession: true,
      lock: (_name, _wait, work) => work(),
    })
    tabs.set(name, client)
  }
  return tabs.get(name)
}

async function call({ tab: name, name: path, arguments: given }) {
  const steps = path.split('.')
  const method = steps.pop()
  const owner = steps.reduce((value, step) => value[step], tab(name))
  const { data = null, error } = await owner[method](...given)
  return {
    data,
    error: error && { name: error.name, message: error.message, code: error.code, status: error.status },
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { calls } = JSON.parse(line)
  const answers = await Promise.all(calls.map(call))
  process.stdout.write(`${JSON.stringify(answers)}\n`)
}
