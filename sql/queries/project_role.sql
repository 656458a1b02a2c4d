-- name: ListProjectRoles :many
SELECT r.id, r.role, r.name, r.description,
    jsonb_agg(jsonb_build_object('ref', p.project_ref, 'name', p.project_name) ORDER BY p.id)
        AS projects
FROM project_role AS r
JOIN project_role_project AS rp ON rp.role_id = r.id
JOIN project AS p ON p.id = rp.project_id
    AND p.organization_id = r.organization_id AND p.removed_at IS NULL
WHERE r.organization_id = $1
GROUP BY r.id
ORDER BY r.id;

-- name: SaveProjectRole :one
INSERT INTO project_role (organization_id, account_id, role)
VALUES ($1, $2, $3)
ON CONFLICT (organization_id, account_id, role) DO UPDATE SET updated_at = now()
RETURNING id;

-- name: GetProjectRole :one
SELECT id, role FROM project_role
WHERE organization_id = $1 AND account_id = $2 AND id = $3;

-- name: NameProjectRole :exec
UPDATE project_role
SET name = $2, description = $3, updated_at = now()
WHERE id = $1;

-- name: DeleteProjectRole :exec
DELETE FROM project_role WHERE organization_id = $1 AND account_id = $2 AND id = $3;

-- name: DeleteProjectRolesOfMember :exec
DELETE FROM project_role WHERE organization_id = $1 AND account_id = $2;
