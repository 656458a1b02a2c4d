-- name: ListConditions :many
SELECT type, status, reason, message, last_transition_time FROM project_condition WHERE project_id = $1 ORDER BY type;

-- name: SaveConditions :exec
INSERT INTO project_condition (project_id, type, status, reason, message, last_transition_time)
SELECT $1, c.type, c.status, c.reason, c.message, c.last_transition_time
FROM jsonb_to_recordset($2::jsonb) AS c (
    type text, status text, reason text, message text, last_transition_time timestamptz)
ON CONFLICT (project_id, type) DO UPDATE
SET status = excluded.status, reason = excluded.reason, message = excluded.message,
    last_transition_time = excluded.last_transition_time
WHERE (project_condition.status, project_condition.reason, project_condition.message,
        project_condition.last_transition_time)
    IS DISTINCT FROM (excluded.status, excluded.reason, excluded.message,
        excluded.last_transition_time);

-- name: DropConditions :exec
DELETE FROM project_condition WHERE project_id = $1 AND type <> ALL ($2::text[]);
