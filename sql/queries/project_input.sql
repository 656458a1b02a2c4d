-- name: AddInput :exec
INSERT INTO project_input (project_id, key, sealed) VALUES ($1, $2, $3);

-- name: ListInputs :many
SELECT id, key, sealed FROM project_input WHERE project_id = $1 ORDER BY id;

-- name: DeleteInputs :exec
DELETE FROM project_input WHERE project_id = $1 AND id <= $2;
