-- name: ListFolders :many
SELECT id, project_id, owner_id, parent_id, name
FROM content_folder
WHERE project_id = $1 AND owner_id = $2 AND parent_id IS NOT DISTINCT FROM $3::uuid
    AND ($4::text IS NULL OR position(lower($4) IN lower(name)) > 0)
ORDER BY lower(name), id;

-- name: GetFolder :one
SELECT id, project_id, owner_id, parent_id, name
FROM content_folder
WHERE id = $1 AND project_id = $2 AND owner_id = $3;

-- name: LockFolders :many
SELECT id, project_id, owner_id, parent_id, name
FROM content_folder
WHERE project_id = $1 AND owner_id = $2
ORDER BY id
FOR UPDATE;

-- name: CreateFolder :one
INSERT INTO content_folder (project_id, owner_id, parent_id, name)
VALUES ($1, $2, $3, $4)
RETURNING id, project_id, owner_id, parent_id, name;

-- name: UpdateFolder :one
UPDATE content_folder
SET name = coalesce($2, name), parent_id = CASE WHEN $3::boolean THEN $4::uuid ELSE parent_id END,
    updated_at = now()
WHERE id = $1
RETURNING id, project_id, owner_id, parent_id, name;

-- name: DeleteFolder :exec
DELETE FROM content_folder WHERE id = $1;
