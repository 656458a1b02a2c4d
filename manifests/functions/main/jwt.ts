// Verification of access tokens with Web Crypto alone: nothing is fetched, so that functions start
// in a closed cluster too.

export type Failure = { code: string; message: string }

type Key = { kid?: string; alg: string; key: Promise<CryptoKey> }
type Claims = Record<string, unknown>

const HASH = 'SHA-256'
const ALGORITHMS: Record<string, { kty: string; parameters: EcKeyImportParams & RsaHashedImportParams }> = {
  ES256: { kty: 'EC', parameters: { name: 'ECDSA', namedCurve: 'P-256', hash: HASH } },
  RS256: { kty: 'RSA', parameters: { name: 'RSASSA-PKCS1-v1_5', namedCurve: '', hash: HASH } },
}
// `use`, `key_ops` and `ext` describe the key to others; only what makes the key is imported.
const MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e']

const INVALID_FORMAT = {
  code: 'UNAUTHORIZED_INVALID_JWT_FORMAT',
  message: 'Invalid JWT format',
}

export class Verifier {
  #secret: Promise<CryptoKey> | undefined
  #keys: Key[]

  /** `secret` signs HS256, `jwks` holds the public keys of the other algorithms, as JSON. */
  constructor(secret: string | undefined, jwks: string | undefined) {
    this.#secret = secret ? importSecret(secret) : undefined
    this.#keys = readKeys(jwks)
  }

  /** What is wrong with the request's Authorization; undefined if nothing is. */
  async check(authorization: string | null): Promise<Failure | undefined> {
    if (!authorization) {
      return { code: 'UNAUTHORIZED_NO_AUTH_HEADER', message: 'Missing authorization header' }
    }
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1]
    const parts = token?.split('.') ?? []
    const header = parseObject(parts[0])
    if (parts.length !== 3 || !header) return INVALID_FORMAT
    if (header.alg === 'HS256') {
      const valid = await this.#valid(parts, { name: 'HMAC' }, this.#secret)
      return valid ? undefined : { code: 'UNAUTHORIZED_LEGACY_JWT', message: 'Invalid JWT' }
    }
    const algorithm = Object.hasOwn(ALGORITHMS, String(header.alg))
      ? ALGORITHMS[String(header.alg)]
      : undefined
    if (!algorithm) {
      return {
        code: 'UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM',
        message: `Unsupported JWT algorithm ${header.alg}`,
      }
    }
    const valid = await this.#valid(parts, algorithm.parameters, this.#find(header))
    return valid ? undefined : { code: 'UNAUTHORIZED_ASYMMETRIC_JWT', message: 'Invalid JWT' }
  }

  /** The key that the header names; without a name the only one of its algorithm. */
  #find(header: Claims): Promise<CryptoKey> | undefined {
    const found = this.#keys.filter(
      (key) => key.alg === header.alg && (header.kid === undefined || key.kid === header.kid),
    )
    return found.length === 1 ? found[0].key : undefined
  }

  async #valid(
    [header, payload, signature]: string[],
    parameters: AlgorithmIdentifier | EcdsaParams,
    key: Promise<CryptoKey> | undefined,
  ): Promise<boolean> {
    const claims = parseObject(payload)
    const bytes = decode(signature)
    if (!key || !claims || !bytes) return false
    const signed = new TextEncoder().encode(`${header}.${payload}`)
    try {
      return (await crypto.subtle.verify(parameters, await key, bytes, signed)) && timely(claims)
    } catch (error) {
      console.error('a token could not be verified:', error)
      return false
    }
  }
}

function timely({ exp, nbf }: Claims): boolean {
  const now = Date.now() / 1000
  return (
    (exp === undefined || (typeof exp === 'number' && exp > now)) &&
    (nbf === undefined || (typeof nbf === 'number' && nbf <= now))
  )
}

function importSecret(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret)
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: HASH }, false, ['verify'])
}

function readKeys(jwks: string | undefined): Key[] {
  if (!jwks) return []
  let listed: (JsonWebKey & { kid?: string })[]
  try {
    listed = JSON.parse(jwks).keys
    if (!Array.isArray(listed)) throw new TypeError('it has no list of keys')
  } catch (error) {
    console.error('SUPABASE_JWKS is unusable:', error)
    return []
  }
  return listed.flatMap((jwk) =>
    Object.entries(ALGORITHMS)
      .filter(([alg, { kty }]) => jwk.kty === kty && (jwk.alg ?? alg) === alg)
      .map(([alg, { parameters }]) => ({ kid: jwk.kid, alg, key: importPublic(jwk, parameters) })),
  )
}

function importPublic(
  jwk: JsonWebKey,
  parameters: EcKeyImportParams & RsaHashedImportParams,
): Promise<CryptoKey> {
  const members = Object.entries(jwk).filter(([name]) => MEMBERS.includes(name))
  const key = crypto.subtle.importKey('jwk', Object.fromEntries(members), parameters, false, [
    'verify',
  ])
  // An unusable key fails the tokens that name it, not the service.
  key.catch((error) => console.error('a key of SUPABASE_JWKS is unusable:', error))
  return key
}

function parseObject(part: string | undefined): Claims | undefined {
  const bytes = decode(part)
  if (!bytes) return undefined
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && !Array.isArray(value) ? (value ?? undefined) : undefined
  } catch {
    return undefined
  }
}

function decode(part: string | undefined): BufferSource | undefined {
  if (!part || !/^[\w-]+$/.test(part)) return undefined
  try {
    const text = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
    return Uint8Array.from(text, (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
