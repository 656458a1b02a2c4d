-- name: CreateMembership :exec
INSERT INTO organization_membership (organization_id, account_id, role)
VALUES ($1, $2, $3);

-- name: AddMember :exec
INSERT INTO organization_membership (organization_id, account_id, role)
VALUES ($1, $2, $3)
ON CONFLICT (organization_id, account_id) DO NOTHING;

-- name: SetMemberRole :exec
UPDATE organization_membership SET role = $3, updated_at = now()
WHERE organization_id = $1 AND account_id = $2;

-- name: DeleteMember :exec
DELETE FROM organization_membership WHERE organization_id = $1 AND account_id = $2;

-- name: CountOwners :one
SELECT count(*) AS count
FROM organization_membership
WHERE organization_id = $1 AND role = 'Owner';
-- Their rows are locked: of two owners that leave at once, the second sees that the first is gone.
-- name: LockOrganizationsOfOwner :many
SELECT o.id AS organization_id, o.name
FROM organization_membership AS m
JOIN organizations AS o ON o.id = m.organization_id
WHERE m.account_id = $1 AND m.role = 'Owner'
ORDER BY o.id
FOR UPDATE OF o;

-- name: CountOtherOwners :one
SELECT count(*) AS count
FROM organization_membership
WHERE organization_id = $1 AND account_id <> $2 AND role = 'Owner';

-- name: CountOwned :one
SELECT count(*) AS count FROM organization_membership WHERE account_id = $1 AND role = 'Owner';
