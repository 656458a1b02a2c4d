-- name: RecordServiceCall :exec
INSERT INTO service_call (project_id, service, change) VALUES ($1, $2, $3);
