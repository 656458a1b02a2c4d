-- name: CreateLoginAudit :exec
INSERT INTO login_audit (account_id, session_id, address, user_agent)
VALUES ($1, $2, $3, $4);

-- name: DeleteOldLoginAudit :exec
DELETE FROM login_audit
WHERE created_at < now() - interval '1 year';
