-- name: CreateCliLogin :exec
INSERT INTO cli_login (id, access_token_id, ciphertext, public_key, nonce, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
ON CONFLICT (id) DO NOTHING;

-- name: CollectCliLogin :one
UPDATE cli_login
SET collected_at = coalesce(collected_at, now())
WHERE id = $1 AND left(nonce, 8) = $2 AND expires_at > now()
RETURNING id, ciphertext, public_key, nonce, created_at;

-- name: FailCliLogin :one
UPDATE cli_login
SET failures = failures + 1
WHERE id = $1 AND collected_at IS NULL
RETURNING access_token_id, failures;

-- name: DeleteExpiredCliLogins :exec
DELETE FROM cli_login
WHERE expires_at < now() AND collected_at IS NOT NULL;
