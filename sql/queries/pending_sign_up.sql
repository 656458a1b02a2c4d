-- name: CreatePendingSignUp :exec
INSERT INTO pending_sign_up (email, password_hash, code_hash, link_hash, expires_at)
VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5));

-- name: GetPendingSignUp :one
SELECT id, email, password_hash
FROM pending_sign_up
WHERE email = $1 AND expires_at > now()
ORDER BY id DESC
LIMIT 1;

-- name: TakePendingSignUpByCode :one
DELETE FROM pending_sign_up
WHERE email = $1 AND code_hash = $2 AND expires_at > now()
RETURNING id, email, password_hash;

-- name: TakePendingSignUpByLink :one
DELETE FROM pending_sign_up
WHERE link_hash = $1 AND expires_at > now()
RETURNING id, email, password_hash;

-- name: DeletePendingSignUps :exec
DELETE FROM pending_sign_up
WHERE email = $1;

-- name: DeleteExpiredSignUps :exec
DELETE FROM pending_sign_up
WHERE expires_at < now();
