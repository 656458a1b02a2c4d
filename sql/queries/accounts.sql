-- name: CreateAccount :exec
INSERT INTO accounts (email, password_hash, username)
VALUES ($1, $2, $3)
ON CONFLICT (lower(email)) DO NOTHING;

-- name: GetCredentialsByEmail :one
SELECT id, password_hash
FROM accounts
WHERE lower(email) = lower($1);

-- name: ReplacePasswordHash :exec
UPDATE accounts
SET password_hash = $3, updated_at = now()
WHERE id = $1 AND password_hash = $2;

-- name: SetAccountSignedIn :one
UPDATE accounts
SET last_sign_in_at = now()
WHERE id = $1
RETURNING id, gotrue_id, email, username, first_name, last_name, created_at, updated_at,
    email_confirmed_at, last_sign_in_at, profile_created_at;

-- name: GetAccountBySession :one
SELECT a.id, a.gotrue_id, a.email, a.username, a.first_name, a.last_name, a.created_at,
    a.updated_at, a.email_confirmed_at, a.last_sign_in_at, a.profile_created_at
FROM sessions AS s
JOIN accounts AS a ON a.id = s.account_id
WHERE s.id = $1 AND a.id = $2 AND a.gotrue_id = $3;

-- name: CreateProfile :one
UPDATE accounts
SET profile_created_at = now(), updated_at = now()
WHERE id = $1 AND profile_created_at IS NULL
RETURNING id, gotrue_id, email, username, first_name, last_name, created_at, updated_at,
    email_confirmed_at, last_sign_in_at, profile_created_at;
