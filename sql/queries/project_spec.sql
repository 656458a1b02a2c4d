-- name: ReplaceSpec :one
-- The former one is told if the resource had this version when it was written.
WITH former AS (SELECT spec, resource_version FROM project_spec WHERE project_id = $1)
INSERT INTO project_spec (project_id, resource_version, spec) VALUES ($1, $2, $3)
ON CONFLICT (project_id) DO UPDATE
SET resource_version = excluded.resource_version, spec = excluded.spec
RETURNING (SELECT f.spec FROM former AS f WHERE f.resource_version = $4::text) AS former;
