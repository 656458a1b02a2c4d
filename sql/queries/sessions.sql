-- name: CreateSession :one
INSERT INTO sessions (account_id)
VALUES ($1)
RETURNING id, account_id, created_at;

-- The session is locked before its tokens are read: of two that refresh at once, the second sees
-- what the first has done.
-- name: LockSessionByRefreshToken :one
SELECT id, account_id, created_at
FROM sessions
WHERE id = (SELECT t.session_id FROM refresh_tokens AS t WHERE t.token_hash = $1)
FOR UPDATE;

-- name: SetSessionRefreshed :one
UPDATE sessions AS s
SET refreshed_at = now()
FROM accounts AS a
WHERE s.id = $1 AND a.id = s.account_id
RETURNING a.id, a.gotrue_id, a.email, a.username, a.first_name, a.last_name, a.created_at,
    a.updated_at, a.email_confirmed_at, a.last_sign_in_at, a.profile_created_at;

-- name: DeleteSession :exec
DELETE FROM sessions
WHERE id = $1;

-- name: DeleteSessionsOfAccount :exec
DELETE FROM sessions
WHERE account_id = $1;

-- name: DeleteOtherSessionsOfAccount :exec
DELETE FROM sessions
WHERE account_id = $1 AND id <> $2;
