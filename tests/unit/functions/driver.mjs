// Runs the main service under Node, with stand-ins for the globals of the edge runtime, and sends
// it the requests that arrive as JSON on stdin. The answers leave as JSON on stdout.

import { text } from 'node:stream/consumers'

const input = JSON.parse(await text(process.stdin))
const created = []
let handler

class NotFound extends Error {}

globalThis.Deno = {
  env: { get: (name) => input.env[name], toObject: () => ({ ...input.env }) },
  errors: { NotFound },
  stat: async (path) => {
    if (path === input.unreadable) throw new Error('permission denied')
    if (!input.folders.includes(path)) throw new NotFound(path)
    return {}
  },
  serve: (given) => {
    handler = given
  },
}

globalThis.EdgeRuntime = {
  userWorkers: {
    create: async (options) => {
      created.push(options)
      if (input.failure === 'create') throw new Error('the worker did not boot')
      return {
        fetch: async (request) => {
          if (input.failure === 'fetch') throw new Error('the worker was cancelled')
          return Response.json({ worker: options.servicePath, url: request.url })
        },
      }
    },
  },
}

console.log = console.error
await import(input.service)
const answers = []
for (const { path, method = 'GET', headers = {} } of input.requests) {
  const response = await handler(new Request(`http://functions${path}`, { method, headers }))
  const body = await response.json()
  answers.push({ status: response.status, headers: Object.fromEntries(response.headers), body })
}
process.stdout.write(JSON.stringify({ answers, created }))
