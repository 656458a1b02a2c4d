-- name: ReplaceCode :exec
INSERT INTO one_time_code (account_id, purpose, email, code_hash, link_hash, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
ON CONFLICT (account_id, purpose) DO UPDATE
SET email = excluded.email, code_hash = excluded.code_hash, link_hash = excluded.link_hash,
    created_at = now(), expires_at = excluded.expires_at;

-- name: TakeCode :one
DELETE FROM one_time_code
WHERE purpose = $1 AND email = $2 AND code_hash = $3 AND expires_at > now()
RETURNING account_id, email;

-- name: TakeLink :one
DELETE FROM one_time_code
WHERE purpose = $1 AND link_hash = $2 AND expires_at > now()
RETURNING account_id, email;

-- name: DeleteCodesOfAccount :exec
DELETE FROM one_time_code
WHERE account_id = $1;

-- name: DeleteExpiredCodes :exec
DELETE FROM one_time_code
WHERE expires_at < now();
