-- name: CreateChallenge :one
INSERT INTO factor_challenge (factor_id, session_id, expires_at)
VALUES ($1, $2, now() + make_interval(secs => $3))
RETURNING id, expires_at;

-- name: GetChallenge :one
SELECT id, expires_at
FROM factor_challenge
WHERE id = $1 AND factor_id = $2 AND session_id = $3 AND expires_at > now();

-- name: DeleteChallenge :exec
DELETE FROM factor_challenge
WHERE id = $1;

-- name: DeleteExpiredChallenges :exec
DELETE FROM factor_challenge
WHERE expires_at < now();
