-- name: NextEpoch :one
UPDATE mirror_epoch SET epoch = epoch + 1 RETURNING epoch;

-- name: HoldEpoch :one
SELECT epoch FROM mirror_epoch WHERE epoch = $1 FOR SHARE;

-- name: RecordHeard :exec
UPDATE mirror_epoch SET heard_at = now() - make_interval(secs => $2) WHERE epoch = $1;

-- name: GetMirrorAge :one
SELECT extract(epoch FROM now() - heard_at)::float8 AS seconds FROM mirror_epoch;

-- name: TryMirrorLock :one
SELECT pg_try_advisory_lock($1) AS held FROM mirror_epoch;
