-- name: CreateAccount :exec
INSERT INTO accounts (email, password_hash, username)
VALUES ($1, $2, $3)
ON CONFLICT (lower(email)) DO NOTHING;

-- name: CreateConfirmedAccount :one
INSERT INTO accounts (email, password_hash, username, email_confirmed_at)
VALUES ($1, $2, $3, now())
ON CONFLICT (lower(email)) DO NOTHING
RETURNING id;

-- name: GetAccountByEmail :one
SELECT id, gotrue_id, email, username, first_name, last_name, created_at, updated_at,
    email_confirmed_at, last_sign_in_at, profile_created_at, second_factor
FROM accounts
WHERE lower(email) = lower($1);

-- name: GetAccountById :one
SELECT id, gotrue_id, email, username, first_name, last_name, created_at, updated_at,
    email_confirmed_at, last_sign_in_at, profile_created_at, second_factor
FROM accounts
WHERE id = $1;

-- name: GetCredentialsByEmail :one
SELECT id, password_hash
FROM accounts
WHERE lower(email) = lower($1);

-- name: GetCredentialsById :one
SELECT id, password_hash
FROM accounts
WHERE id = $1;

-- name: ReplacePasswordHash :exec
UPDATE accounts
SET password_hash = $3, updated_at = now()
WHERE id = $1 AND password_hash = $2;

-- name: SetAccountSignedIn :one
UPDATE accounts
SET last_sign_in_at = now()
WHERE id = $1
RETURNING id, gotrue_id, email, username, first_name, last_name, created_at, updated_at,
    email_confirmed_at, last_sign_in_at, profile_created_at, second_factor;

-- name: ConfirmAccountEmail :exec
UPDATE accounts
SET email_confirmed_at = now(), updated_at = now()
WHERE id = $1 AND email_confirmed_at IS NULL;

-- name: SetAccountEmail :one
UPDATE accounts
SET email = $2, email_confirmed_at = CASE WHEN $3 THEN now() END, updated_at = now()
WHERE id = $1
RETURNING id, gotrue_id, email, username, first_name, last_name, created_at, updated_at,
    email_confirmed_at, last_sign_in_at, profile_created_at, second_factor;

-- name: SetAccountNames :one
UPDATE accounts
SET username = coalesce($2, username), first_name = coalesce($3, first_name),
    last_name = coalesce($4, last_name), updated_at = now()
WHERE id = $1
RETURNING id, gotrue_id, email, username, first_name, last_name, created_at, updated_at,
    email_confirmed_at, last_sign_in_at, profile_created_at, second_factor;

-- name: SetAccountSecondFactor :exec
UPDATE accounts
SET second_factor = EXISTS (
        SELECT FROM factor AS f WHERE f.account_id = accounts.id AND f.verified_at IS NOT NULL),
    updated_at = now()
WHERE id = $1;

-- name: LockAccount :exec
SELECT FROM accounts WHERE id = $1 FOR UPDATE;

-- name: QueueForOwner :one
-- One after the other whoever makes organizations for an account; sessions only refer to its row.
SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE;

-- name: KeepAccount :one
-- Until the transaction ends nobody deletes the account.
SELECT id FROM accounts WHERE id = $1 FOR KEY SHARE;

-- name: LockVerifiedAccount :one
SELECT id FROM accounts WHERE id = $1 AND password_hash = $2 FOR NO KEY UPDATE;

-- name: DeleteAccount :exec
DELETE FROM accounts WHERE id = $1;

-- name: GetAccountBySession :one
SELECT a.id, a.gotrue_id, a.email, a.username, a.first_name, a.last_name, a.created_at,
    a.updated_at, a.email_confirmed_at, a.last_sign_in_at, a.profile_created_at, a.second_factor,
    s.created_at AS session_created_at, s.method, s.second_factor_at
FROM sessions AS s
JOIN accounts AS a ON a.id = s.account_id
WHERE s.id = $1 AND a.id = $2 AND a.gotrue_id = $3;

-- name: CreateProfile :one
UPDATE accounts
SET profile_created_at = now(), updated_at = now()
WHERE id = $1 AND profile_created_at IS NULL
RETURNING id, gotrue_id, email, username, first_name, last_name, created_at, updated_at,
    email_confirmed_at, last_sign_in_at, profile_created_at, second_factor;
