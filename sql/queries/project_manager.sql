-- name: SaveManagers :exec
WITH seen AS (
    SELECT manager, operation, changed_at, fields FROM jsonb_to_recordset($2::jsonb) AS m (
        manager text, operation text, changed_at timestamptz, fields jsonb)
), gone AS (
    DELETE FROM project_manager AS p
    WHERE p.project_id = $1 AND NOT EXISTS (
        SELECT FROM seen WHERE seen.manager = p.manager AND seen.operation = p.operation)
)
INSERT INTO project_manager (project_id, manager, operation, changed_at, fields, change)
SELECT $1, manager, operation, changed_at, fields, $3::jsonb FROM seen
ON CONFLICT (project_id, manager, operation) DO UPDATE
SET changed_at = excluded.changed_at, fields = excluded.fields, change = excluded.change
WHERE (project_manager.changed_at, project_manager.fields)
    IS DISTINCT FROM (excluded.changed_at, excluded.fields)
    -- Two changes within one second have one time.
    OR coalesce(
        audit_said(excluded.change -> 'before', excluded.fields),
        audit_said(excluded.change -> 'after', excluded.fields)) IS NOT NULL;
