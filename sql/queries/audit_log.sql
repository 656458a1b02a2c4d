-- name: ListEntriesOfOrganization :many
SELECT position, occurred_at, entry
FROM audit_log
WHERE organization_id = $1
    AND ($2::timestamptz IS NULL OR occurred_at >= $2)
    AND ($3::timestamptz IS NULL OR occurred_at <= $3)
    AND ($4::timestamptz IS NULL OR (occurred_at, position) < ($4, $5::bigint))
ORDER BY occurred_at DESC, position DESC
LIMIT $6::integer;

-- name: ListEntriesOfAccount :many
SELECT position, occurred_at, entry
FROM audit_log
WHERE (actor_id = $1 OR account_id = $1)
    AND ($2::timestamptz IS NULL OR occurred_at >= $2)
    AND ($3::timestamptz IS NULL OR occurred_at <= $3)
    AND ($4::timestamptz IS NULL OR (occurred_at, position) < ($4, $5::bigint))
ORDER BY occurred_at DESC, position DESC
LIMIT $6::integer;

-- name: GetAuditSpan :one
SELECT greatest(1, ceil(extract(epoch FROM now() - occurred_at) / 86400))::integer AS days
FROM audit_log
ORDER BY position
LIMIT 1;

-- name: ListLinks :many
SELECT position, occurred_at, entry::text AS text, previous_hash, hash
FROM audit_log
WHERE position > $1
ORDER BY position
LIMIT $2::integer;
