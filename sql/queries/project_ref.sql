-- name: UseRef :one
INSERT INTO project_ref (ref) VALUES ($1)
ON CONFLICT (ref) DO NOTHING
RETURNING ref;
