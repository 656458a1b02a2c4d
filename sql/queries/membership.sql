-- name: GetMembershipBySlug :one
SELECT organization_id, slug, name, role, scoped, billing_email, opt_in_tags, requires_mfa
FROM membership
WHERE account_id = $1 AND slug = $2;

-- name: GetMembershipById :one
SELECT organization_id, slug, name, role, scoped, billing_email, opt_in_tags, requires_mfa
FROM membership
WHERE account_id = $1 AND organization_id = $2;

-- name: GetMembershipsByAccount :many
SELECT organization_id, slug, name, role, scoped, billing_email, opt_in_tags, requires_mfa
FROM membership
WHERE account_id = $1 AND ($2::integer IS NULL OR organization_id > $2)
ORDER BY organization_id
LIMIT $3::integer;

-- name: ListMembers :many
SELECT a.id AS account_id, a.gotrue_id, a.email, a.username, m.role AS role, m.scoped,
    a.second_factor
FROM membership AS m
JOIN accounts AS a ON a.id = m.account_id
WHERE m.organization_id = $1 AND ($2::uuid IS NULL OR a.gotrue_id = $2)
    AND ($3::integer IS NULL OR m.account_id > $3)
ORDER BY m.account_id
LIMIT $4::integer;
