-- name: GetMembershipBySlug :one
SELECT organization_id, slug, name, role, scoped
FROM membership
WHERE account_id = $1 AND slug = $2;

-- name: GetMembershipById :one
SELECT organization_id, slug, name, role, scoped
FROM membership
WHERE account_id = $1 AND organization_id = $2;

-- name: GetMembershipByRef :one
SELECT m.organization_id AS organization_id, m.slug, m.name, m.role, m.scoped
FROM membership AS m
JOIN project AS p ON p.organization_id = m.organization_id
WHERE m.account_id = $1 AND p.project_ref = $2;

-- name: GetMembershipsByAccount :many
SELECT organization_id, slug, name, role, scoped
FROM membership
WHERE account_id = $1
ORDER BY organization_id;
