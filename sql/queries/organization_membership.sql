-- name: CreateMembership :exec
INSERT INTO organization_membership (organization_id, account_id, role)
VALUES ($1, $2, $3);

-- name: GetMembershipBySlug :one
SELECT o.id AS organization_id, o.slug, o.name, m.role
FROM organization_membership AS m
JOIN organizations AS o ON o.id = m.organization_id
WHERE m.account_id = $1 AND o.slug = $2;

-- name: GetMembershipById :one
SELECT o.id AS organization_id, o.slug, o.name, m.role
FROM organization_membership AS m
JOIN organizations AS o ON o.id = m.organization_id
WHERE m.account_id = $1 AND o.id = $2;

-- name: GetMembershipsByAccount :many
SELECT o.id AS organization_id, o.slug, o.name, m.role
FROM organization_membership AS m
JOIN organizations AS o ON o.id = m.organization_id
WHERE m.account_id = $1
ORDER BY o.id;
