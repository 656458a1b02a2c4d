-- name: CreateFactor :one
INSERT INTO factor (id, account_id, friendly_name, sealed)
VALUES ($1, $2, $3, $4)
RETURNING id, account_id, friendly_name, sealed, created_at, updated_at, verified_at;

-- name: GetFactor :one
SELECT id, account_id, friendly_name, sealed, created_at, updated_at, verified_at
FROM factor
WHERE id = $1 AND account_id = $2;

-- name: ListFactors :many
SELECT id, account_id, friendly_name, sealed, created_at, updated_at, verified_at
FROM factor
WHERE account_id = $1
ORDER BY created_at, id;

-- name: AcceptFactorStep :exec
UPDATE factor
SET last_step = $3, verified_at = coalesce(verified_at, now()), updated_at = now()
WHERE id = $1 AND account_id = $2 AND last_step < $3;

-- name: DeleteFactor :exec
DELETE FROM factor
WHERE id = $1 AND account_id = $2;

-- name: DeleteFactorsOfAccount :exec
DELETE FROM factor
WHERE account_id = $1;

-- name: DeleteAbandonedFactors :exec
DELETE FROM factor
WHERE verified_at IS NULL AND created_at < now() - interval '1 day';
