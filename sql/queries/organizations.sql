-- name: CreateOrganization :one
INSERT INTO organizations (slug, name)
VALUES ($1, $2)
ON CONFLICT (slug) DO NOTHING
RETURNING id, slug, name;

-- name: GetOrganizationIdBySlug :one
SELECT id FROM organizations WHERE slug = $1;
