-- name: GetQuota :one
SELECT quota FROM organization_quota WHERE organization_id = $1;

-- name: SaveQuota :exec
INSERT INTO organization_quota (organization_id, quota) VALUES ($1, $2)
ON CONFLICT (organization_id) DO UPDATE SET quota = excluded.quota, updated_at = now();
