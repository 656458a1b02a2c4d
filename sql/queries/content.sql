-- fragment: order
CASE WHEN $9 = 'name_asc' THEN lower(c.name) END ASC,
        CASE WHEN $9 = 'name_desc' THEN lower(c.name) END DESC,
        CASE WHEN $9 = 'inserted_at_asc' THEN c.created_at END ASC,
        CASE WHEN $9 = 'inserted_at_desc' THEN c.created_at END DESC,
        CASE WHEN $9 IN ('name_asc', 'inserted_at_asc') THEN c.id END ASC,
        c.id DESC;

-- fragment: columns
c.id, c.name, c.description, c.type, c.visibility,
    c.owner_id, o.username AS owner_name, c.updated_by_id, u.username AS updated_by_name,
    c.project_id, c.folder_id, f.account_id IS NOT NULL AS favorite, c.created_at, c.updated_at;

-- fragment: joined
LEFT JOIN accounts AS o ON o.id = c.owner_id
LEFT JOIN accounts AS u ON u.id = c.updated_by_id
LEFT JOIN content_favorite AS f ON f.content_id = c.id AND f.account_id = $2;

-- name: ListContent :many
-- Sizes first: what is not on the page is not read.
WITH found AS (
    SELECT c.id, row_number() OVER w AS place,
        sum(CASE WHEN $10::boolean THEN c.size
            ELSE octet_length(c.name) + coalesce(octet_length(c.description), 0) END)
            OVER w AS upto
    FROM content AS c
    LEFT JOIN content_favorite AS f ON f.content_id = c.id AND f.account_id = $2
    WHERE c.project_id = $1 AND (c.visibility = 'project' OR c.owner_id = $2)
        AND ($3::text IS NULL OR c.type = $3)
        AND ($4::text IS NULL OR c.visibility = $4)
        AND ($5::boolean IS NULL OR (f.account_id IS NOT NULL) = $5)
        AND ($6::text IS NULL OR position(lower($6) IN lower(c.name)) > 0)
        AND ($7::boolean OR c.folder_id IS NOT DISTINCT FROM $8::uuid)
        AND ($12::uuid IS NULL OR CASE $9::text
            WHEN 'name_asc' THEN (lower(c.name), c.id) > ($11::text, $12)
            WHEN 'name_desc' THEN (lower(c.name), c.id) < ($11, $12)
            WHEN 'inserted_at_asc' THEN (c.created_at, c.id) > ($11::timestamptz, $12)
            ELSE (c.created_at, c.id) < ($11::timestamptz, $12) END)
    WINDOW w AS (ORDER BY @order ROWS UNBOUNDED PRECEDING)
    ORDER BY @order
    LIMIT $13::integer + 1
)
SELECT @columns,
    CASE WHEN $10 THEN convert_to(c.content::text, 'UTF8') END AS content,
    n.place < (SELECT count(*) FROM found) AS more
FROM found AS n
JOIN content AS c ON c.id = n.id
@joined
WHERE n.place <= $13 AND (n.place = 1 OR n.upto <= $14::bigint)
ORDER BY n.place;

-- name: CountContent :one
SELECT count(*) FILTER (WHERE f.account_id IS NOT NULL) AS favorites,
    count(*) FILTER (WHERE c.visibility = 'user') AS private,
    count(*) FILTER (WHERE c.visibility = 'project') AS shared
FROM content AS c
LEFT JOIN content_favorite AS f ON f.content_id = c.id AND f.account_id = $2
WHERE c.project_id = $1 AND (c.visibility = 'project' OR c.owner_id = $2)
    AND ($3::text IS NULL OR c.type = $3)
    AND ($4::text IS NULL OR position(lower($4) IN lower(c.name)) > 0);

-- name: GetContent :one
SELECT @columns, convert_to(c.content::text, 'UTF8') AS content
FROM content AS c
@joined
WHERE c.id = $1;

-- name: QueueForContent :exec
-- Until the end of the transaction nobody else adds to what is kept about the project.
SELECT WHERE pg_advisory_xact_lock($1, $2) IS NOT NULL;

-- name: CountKept :one
SELECT count(*) AS items, coalesce(sum(size), 0) AS bytes,
    count(*) FILTER (WHERE owner_id = $2) AS own_items,
    coalesce(sum(size) FILTER (WHERE owner_id = $2), 0) AS own_bytes,
    coalesce(max(size) FILTER (WHERE id = $3), 0) AS size
FROM content WHERE project_id = $1;

-- name: LockContent :one
SELECT id, project_id, owner_id, type, visibility, size FROM content WHERE id = $1 FOR UPDATE;

-- name: CreateContent :exec
INSERT INTO content (id, project_id, owner_id, updated_by_id, folder_id, name, description, type,
    visibility, content)
VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO NOTHING;

-- name: UpdateContent :exec
UPDATE content
SET updated_by_id = $2, updated_at = now(),
    folder_id = CASE WHEN $3::boolean THEN $4::uuid ELSE folder_id END,
    name = coalesce($5, name),
    description = CASE WHEN $6::boolean THEN $7::text ELSE description END,
    type = coalesce($8, type),
    visibility = coalesce($9, visibility),
    content = coalesce($10, content)
WHERE id = $1;

-- name: DeleteContent :exec
DELETE FROM content WHERE id = $1;

-- name: GetContentProject :one
SELECT p.project_ref AS ref FROM content AS c JOIN project AS p ON p.id = c.project_id
WHERE c.id = $1;
