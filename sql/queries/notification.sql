-- name: AddNotification :exec
INSERT INTO notification (project_id, key, name, priority, title, message)
SELECT $1, $2, $3, $4, $5, $6
WHERE NOT EXISTS (
    SELECT FROM notification AS n
    WHERE n.project_id = $1 AND n.name = $3 AND n.message = $6
        AND n.created_at > now() - make_interval(secs => $7))
ON CONFLICT (project_id, key) DO NOTHING;

-- name: DropOldNotifications :exec
DELETE FROM notification WHERE created_at < now() - make_interval(days => $1);
