-- name: CreateSession :one
INSERT INTO sessions (account_id, method, address, user_agent)
VALUES ($1, $2, $3, $4)
RETURNING id, account_id, created_at, method, second_factor_at;

-- The session is locked before its tokens are read: of two that refresh at once, the second sees
-- what the first has done.
-- name: LockSessionByRefreshToken :one
SELECT id, account_id, created_at, method, second_factor_at
FROM sessions
WHERE id = (SELECT t.session_id FROM refresh_tokens AS t WHERE t.token_hash = $1)
FOR UPDATE;

-- name: SetSessionRefreshed :one
UPDATE sessions AS s
SET refreshed_at = now()
FROM accounts AS a
WHERE s.id = $1 AND a.id = s.account_id
RETURNING a.id, a.gotrue_id, a.email, a.username, a.first_name, a.last_name, a.created_at,
    a.updated_at, a.email_confirmed_at, a.last_sign_in_at, a.profile_created_at, a.second_factor;

-- name: SetSessionSecondFactor :one
UPDATE sessions
SET second_factor_at = now()
WHERE id = $1
RETURNING id, account_id, created_at, method, second_factor_at;

-- name: ForgetSecondFactorOfSessions :exec
UPDATE sessions
SET second_factor_at = NULL
WHERE account_id = $1;

-- name: SetSessionMethod :exec
UPDATE sessions
SET method = $2
WHERE id = $1;

-- name: ListSessionsOfAccount :many
SELECT id, created_at, refreshed_at, method, second_factor_at, address, user_agent
FROM sessions
WHERE account_id = $1
ORDER BY created_at DESC, id;

-- name: DeleteSession :exec
DELETE FROM sessions
WHERE id = $1;

-- name: DeleteSessionOfAccount :exec
DELETE FROM sessions
WHERE id = $1 AND account_id = $2;

-- name: DeleteSessionsOfAccount :exec
DELETE FROM sessions
WHERE account_id = $1;

-- name: DeleteOtherSessionsOfAccount :exec
DELETE FROM sessions
WHERE account_id = $1 AND id <> $2;

-- name: DeleteOtherSessionsWithoutSecondFactor :exec
DELETE FROM sessions
WHERE account_id = $1 AND id <> $2 AND second_factor_at IS NULL;

-- A session that nobody has refreshed for thirty days is over.
-- name: DeleteIdleSessions :exec
DELETE FROM sessions
WHERE coalesce(refreshed_at, created_at) < now() - interval '30 days';

-- name: KeepSession :one
-- Until the transaction ends nobody ends the session.
SELECT id FROM sessions WHERE id = $1 FOR KEY SHARE;
