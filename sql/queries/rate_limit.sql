-- name: TakeRate :one
INSERT INTO rate_limit AS r (rule, subject, free_at)
VALUES ($1, $2, now() + make_interval(secs => $3))
ON CONFLICT (rule, subject) DO UPDATE
SET free_at = greatest(r.free_at, now()) + make_interval(secs => $3)
WHERE greatest(r.free_at, now()) <= now() + make_interval(secs => $4)
RETURNING free_at;

-- name: GetRateWait :one
SELECT extract(epoch FROM free_at - now())::float8 AS seconds
FROM rate_limit
WHERE rule = $1 AND subject = $2;

-- name: GiveRateBack :exec
UPDATE rate_limit
SET free_at = free_at - make_interval(secs => $3)
WHERE rule = $1 AND subject = $2;

-- name: DeleteFreeRates :exec
DELETE FROM rate_limit
WHERE free_at < now();
