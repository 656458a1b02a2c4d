-- name: SaveInvitation :one
INSERT INTO organization_invitation (
    organization_id, email, role, limited, token_hash, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
ON CONFLICT (organization_id, lower(email)) DO UPDATE
SET email = excluded.email, role = excluded.role, limited = excluded.limited,
    token_hash = excluded.token_hash, invited_at = now(), expires_at = excluded.expires_at
RETURNING id, email, role, invited_at, expires_at;

-- name: ListInvitations :many
SELECT id, email, role, invited_at, expires_at
FROM organization_invitation
WHERE organization_id = $1
ORDER BY id;

-- name: GetInvitation :one
SELECT id, email, role, invited_at, expires_at
FROM organization_invitation
WHERE organization_id = $1 AND id = $2;

-- name: CountInvitations :one
SELECT count(*) AS count FROM organization_invitation WHERE organization_id = $1;

-- name: DeleteInvitation :exec
DELETE FROM organization_invitation WHERE organization_id = $1 AND id = $2;

-- name: GetInvitationByToken :one
SELECT i.id, i.organization_id, o.name AS organization_name, i.email, i.role AS role, i.limited,
    i.expires_at <= now() AS expired
FROM organization_invitation AS i
JOIN organizations AS o ON o.id = i.organization_id
WHERE i.token_hash = $1 AND o.slug = $2;
