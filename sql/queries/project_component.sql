-- name: ListComponents :many
SELECT name, version FROM project_component WHERE project_id = $1 ORDER BY name;

-- name: SaveComponents :exec
INSERT INTO project_component (project_id, name, replicas, ready_replicas, version)
SELECT $1, c.name, c.replicas, c.ready_replicas, c.version
FROM unnest($2::text[], $3::integer[], $4::integer[], $5::text[])
    AS c (name, replicas, ready_replicas, version)
ON CONFLICT (project_id, name) DO UPDATE
SET replicas = excluded.replicas, ready_replicas = excluded.ready_replicas,
    version = excluded.version
WHERE (project_component.replicas, project_component.ready_replicas, project_component.version)
    IS DISTINCT FROM (excluded.replicas, excluded.ready_replicas, excluded.version);

-- name: DropComponents :exec
DELETE FROM project_component WHERE project_id = $1 AND name <> ALL ($2::text[]);
