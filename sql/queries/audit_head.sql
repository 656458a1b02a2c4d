-- name: GetAuditHead :one
SELECT position, hash FROM audit_head;
