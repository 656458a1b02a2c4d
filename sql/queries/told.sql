-- fragment: read
account_id = $1
    AND ((organization_id = ANY ($2::integer[]) AND project_ref <> ALL ($3::text[]))
        OR project_ref = ANY ($4::text[]))

-- name: ListTold :many
SELECT id, name, priority, title, message, created_at, organization_slug, project_ref, status
FROM told
WHERE @read
    AND ($5::text[] IS NULL OR status = ANY ($5))
    AND ($6::text[] IS NULL OR priority = ANY ($6))
    AND ($7::text[] IS NULL OR organization_slug = ANY ($7))
    AND ($8::text[] IS NULL OR project_ref = ANY ($8))
    AND ($11::timestamptz IS NULL OR created_at < $11 OR (created_at = $11 AND id > $12::uuid))
ORDER BY created_at DESC, id
LIMIT $9::integer OFFSET $10::integer;

-- name: SummarizeTold :one
SELECT count(*) AS unread_count,
    coalesce(bool_or(priority = 'Critical'), false) AS has_critical,
    coalesce(bool_or(priority = 'Warning'), false) AS has_warning
FROM told
WHERE @read AND status = 'new';

-- name: ListToldOf :many
SELECT id, name, priority, title, message, created_at, organization_slug, project_ref, status
FROM told
WHERE @read AND id = ANY ($5::uuid[])
ORDER BY created_at DESC, id;
