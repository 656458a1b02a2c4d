-- name: CreateOrganization :one
INSERT INTO organizations (slug, name)
VALUES ($1, $2)
ON CONFLICT (slug) DO NOTHING
RETURNING id, slug, name;

-- name: GetOrganizationIdBySlug :one
SELECT id FROM organizations WHERE slug = $1;

-- name: LockOrganization :one
-- Changes of members, and of what is counted, one after the other. New projects only refer to it.
SELECT id, slug, name FROM organizations WHERE id = $1 FOR NO KEY UPDATE;

-- name: LockOrganizationForDeletion :one
SELECT id, slug, name FROM organizations WHERE id = $1 FOR UPDATE;

-- name: UpdateOrganization :exec
UPDATE organizations
SET name = coalesce($2, name), billing_email = coalesce($3, billing_email),
    opt_in_tags = coalesce($4, opt_in_tags), updated_at = now()
WHERE id = $1;

-- name: DeleteOrganization :exec
DELETE FROM organizations WHERE id = $1;

-- name: LockOrganizationBySlug :one
SELECT id, slug, name FROM organizations WHERE slug = $1 FOR NO KEY UPDATE;

-- name: RequireSecondFactors :exec
UPDATE organizations SET requires_mfa = $2, updated_at = now() WHERE id = $1;
