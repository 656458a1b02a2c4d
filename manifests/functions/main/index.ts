// The main service of the functions: it checks the caller's token and hands each request to a
// worker of the function that the first segment of the path names.

import { Verifier } from './jwt.ts'

type Worker = { fetch(request: Request): Promise<Response> }
declare const EdgeRuntime: {
  userWorkers: { create(options: Record<string, unknown>): Promise<Worker> }
}

const ROOT = '/home/deno/functions'
const HEALTH = '/_internal/health'
// Neither this service nor shared code, whose folders begin with `_`, can be called.
const NAME = /^(?!main$)[A-Za-z][\w-]*$/

const verifies = Deno.env.get('VERIFY_JWT') === 'true'
const verifier = new Verifier(Deno.env.get('JWT_SECRET'), Deno.env.get('SUPABASE_JWKS'))

function answer(status: number, code: string, message: string, headers = {}): Response {
  return Response.json({ code, message, msg: message }, { status, headers })
}

async function exists(folder: string): Promise<boolean> {
  try {
    await Deno.stat(folder)
    return true
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false
    throw error
  }
}

async function serve(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname
  if (path === HEALTH) return Response.json({ message: 'ok' })

  // A preflight request of a browser carries no token.
  if (verifies && request.method !== 'OPTIONS') {
    const failure = await verifier.check(request.headers.get('authorization'))
    if (failure) {
      return answer(401, failure.code, failure.message, { 'sb-error-code': failure.code })
    }
  }

  const name = path.split('/')[1]
  if (!name) return answer(400, 'MISSING_FUNCTION_NAME', 'missing function name in request')
  const servicePath = `${ROOT}/${name}`
  if (!NAME.test(name) || !(await exists(servicePath))) {
    return answer(404, 'NOT_FOUND', 'Requested function was not found')
  }

  const worker = await EdgeRuntime.userWorkers.create({
    servicePath,
    memoryLimitMb: 150,
    workerTimeoutMs: 60_000,
    noModuleCache: false,
    importMapPath: null,
    envVars: Object.entries(Deno.env.toObject()),
  })
  return await worker.fetch(request)
}

Deno.serve(async (request: Request) => {
  try {
    return await serve(request)
  } catch (error) {
    console.error(error)
    return answer(500, 'WORKER_ERROR', String(error))
  }
})
