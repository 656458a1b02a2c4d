-- name: CreateAccessToken :one
INSERT INTO access_token (account_id, name, alias, token_hash, expires_at, second_factor)
VALUES ($1, $2, $3, $4, $5,
    EXISTS (SELECT FROM sessions WHERE id = $6 AND second_factor_at IS NOT NULL))
RETURNING id, name, alias, created_at, expires_at, last_used_at;

-- name: ListAccessTokens :many
SELECT id, name, alias, created_at, expires_at, last_used_at
FROM access_token
WHERE account_id = $1 AND ($2::integer IS NULL OR id < $2)
ORDER BY id DESC
LIMIT $3::integer;

-- name: GetAccountByAccessToken :one
SELECT a.id, a.gotrue_id, a.email, a.username, a.first_name, a.last_name, a.created_at,
    a.updated_at, a.email_confirmed_at, a.last_sign_in_at, a.profile_created_at, a.second_factor,
    t.id AS token_id, t.second_factor AS token_second_factor,
    coalesce(t.last_used_at < now() - interval '1 minute', true) AS stale
FROM access_token AS t
JOIN accounts AS a ON a.id = t.account_id
WHERE t.token_hash = $1 AND (t.expires_at IS NULL OR t.expires_at > now());

-- name: SetAccessTokenUsed :exec
UPDATE access_token
SET last_used_at = now()
WHERE id = $1 AND coalesce(last_used_at < now() - interval '1 minute', true);

-- name: ForgetSecondFactorOfAccessTokens :exec
UPDATE access_token
SET second_factor = false
WHERE account_id = $1 AND second_factor;

-- name: DeleteAccessToken :exec
DELETE FROM access_token
WHERE id = $1 AND account_id = $2;

-- An expired one is listed for a while, so that people see why it does not work.
-- name: DeleteExpiredAccessTokens :exec
DELETE FROM access_token
WHERE expires_at < now() - interval '30 days';

-- name: RevokeAccessToken :exec
DELETE FROM access_token
WHERE id = $1;

-- A token that no command line came for.
-- name: DeleteUncollectedAccessTokens :exec
DELETE FROM access_token AS t
USING cli_login AS c
WHERE c.access_token_id = t.id AND c.collected_at IS NULL AND c.expires_at < now();
