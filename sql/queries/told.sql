-- name: ListTold :many
SELECT id, name, priority, title, message, created_at, organization_slug, project_ref, status
FROM told
WHERE account_id = $1
    AND ($2::text[] IS NULL OR status = ANY ($2))
    AND ($3::text[] IS NULL OR priority = ANY ($3))
    AND ($4::text[] IS NULL OR organization_slug = ANY ($4))
    AND ($5::text[] IS NULL OR project_ref = ANY ($5))
    AND ($8::timestamptz IS NULL OR created_at < $8 OR (created_at = $8 AND id > $9::uuid))
ORDER BY created_at DESC, id
LIMIT $6::integer OFFSET $7::integer;

-- name: SummarizeTold :one
SELECT count(*) AS unread_count,
    coalesce(bool_or(priority = 'Critical'), false) AS has_critical,
    coalesce(bool_or(priority = 'Warning'), false) AS has_warning
FROM told
WHERE account_id = $1 AND status = 'new';

-- name: ListToldOf :many
SELECT id, name, priority, title, message, created_at, organization_slug, project_ref, status
FROM told
WHERE account_id = $1 AND id = ANY ($2::uuid[])
ORDER BY created_at DESC, id;
