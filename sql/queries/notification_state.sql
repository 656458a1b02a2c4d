-- name: MarkNotification :exec
INSERT INTO notification_state (notification_id, account_id, status)
VALUES ($2, $1, $3)
ON CONFLICT (notification_id, account_id) DO UPDATE
SET status = excluded.status, updated_at = now();

-- name: ArchiveNotifications :exec
INSERT INTO notification_state (notification_id, account_id, status)
SELECT t.id, t.account_id, 'archived' FROM told AS t
WHERE t.account_id = $1
    AND ((t.organization_id = ANY ($2::integer[]) AND t.project_ref <> ALL ($3::text[]))
        OR t.project_ref = ANY ($4::text[]))
    AND t.status <> 'archived'
ON CONFLICT (notification_id, account_id) DO UPDATE
SET status = excluded.status, updated_at = now();
