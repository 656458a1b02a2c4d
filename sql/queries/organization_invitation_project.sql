-- name: ClearInvitation :exec
DELETE FROM organization_invitation_project WHERE invitation_id = $1;

-- name: FillInvitation :exec
INSERT INTO organization_invitation_project (invitation_id, project_id)
SELECT $1, p.id
FROM project AS p
WHERE p.organization_id = $2 AND p.removed_at IS NULL AND p.project_ref = ANY ($3::text[]);

-- name: ListInvitationProjects :many
SELECT p.project_ref
FROM organization_invitation_project AS ip
JOIN project AS p ON p.id = ip.project_id
JOIN organization_invitation AS i ON i.id = ip.invitation_id
WHERE ip.invitation_id = $1 AND p.organization_id = i.organization_id AND p.removed_at IS NULL;

-- name: ForgetProjectInInvitations :exec
DELETE FROM organization_invitation_project WHERE project_id = $1;
