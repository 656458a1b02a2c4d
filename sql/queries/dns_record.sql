-- Projects that are reached under our domain and have no row yet.
-- name: AddDnsRecords :exec
INSERT INTO dns_record (project_id)
SELECT p.id FROM project AS p
WHERE p.removed_at IS NULL AND p.live #>> '{http,host}' = p.project_ref || '.' || $1::text
    AND NOT EXISTS (SELECT FROM dns_record AS r WHERE r.project_id = p.id)
ON CONFLICT (project_id) DO NOTHING;

-- A row whose first word was perhaps sent, but not noted, is taken back as well.
-- name: ClaimDnsRecord :one
UPDATE dns_record AS r
SET claim = r.claim + 1, attempt = r.attempt + 1,
    claimed_until = now() + make_interval(secs => $1)
FROM (
    SELECT d.project_id, p.project_ref,
        CASE WHEN p.removed_at IS NULL THEN 'CREATE' ELSE 'DELETE' END AS word
    FROM dns_record AS d
    JOIN project AS p ON p.id = d.project_id
    WHERE d.told IS DISTINCT FROM CASE WHEN p.removed_at IS NULL THEN 'CREATE' ELSE 'DELETE' END
        AND (p.removed_at IS NULL OR d.told IS NOT NULL OR d.attempt > 0)
        AND d.next_attempt_at <= now()
        AND (d.claimed_until IS NULL OR d.claimed_until < now())
    ORDER BY d.next_attempt_at
    LIMIT 1
    FOR UPDATE OF d SKIP LOCKED) AS due
WHERE r.project_id = due.project_id
RETURNING r.project_id, due.project_ref, due.word, r.claim, r.attempt;

-- name: FinishDnsRecord :exec
UPDATE dns_record
SET told = $3, claimed_until = NULL, attempt = 0, next_attempt_at = now()
WHERE project_id = $1 AND claim = $2;

-- name: PostponeDnsRecord :exec
UPDATE dns_record
SET claimed_until = NULL, next_attempt_at = now() + make_interval(secs => $3)
WHERE project_id = $1 AND claim = $2;
