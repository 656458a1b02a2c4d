-- name: CreateRefreshToken :exec
INSERT INTO refresh_tokens (token_hash, session_id)
VALUES ($1, $2);

-- name: GetRefreshTokenState :one
SELECT used_at IS NOT NULL AS used,
    coalesce(used_at > now() - interval '10 seconds', false) AS used_recently
FROM refresh_tokens
WHERE token_hash = $1;

-- name: UseRefreshToken :exec
UPDATE refresh_tokens
SET used_at = now()
WHERE token_hash = $1 AND used_at IS NULL;

-- name: UseRefreshTokensOfSession :exec
UPDATE refresh_tokens
SET used_at = now()
WHERE session_id = $1 AND used_at IS NULL;

-- Its reuse is refused like that of a token that never was.
-- name: DeleteOldRefreshTokens :exec
DELETE FROM refresh_tokens
WHERE used_at < now() - interval '7 days';
