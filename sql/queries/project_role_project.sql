-- name: ClearProjectRole :exec
DELETE FROM project_role_project WHERE role_id = $1;

-- name: FillProjectRole :exec
INSERT INTO project_role_project (role_id, project_id)
SELECT $1, p.id
FROM project AS p
WHERE p.organization_id = $2 AND p.removed_at IS NULL AND p.project_ref = ANY ($3::text[])
ON CONFLICT DO NOTHING;

-- name: ForgetProjectInRoles :exec
DELETE FROM project_role_project WHERE project_id = $1;
