-- name: GetIdempotentAnswer :one
SELECT fingerprint, answer FROM idempotency_key
WHERE account_id = $1 AND key = $2 AND created_at > now() - make_interval(secs => $3);

-- Waits for a request with the same key that has not committed yet.
-- name: KeepIdempotentAnswer :exec
INSERT INTO idempotency_key AS k (account_id, key, fingerprint, answer)
VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, key) DO UPDATE
SET fingerprint = excluded.fingerprint, answer = excluded.answer, created_at = now()
WHERE k.created_at <= now() - make_interval(secs => $5);

-- name: DropIdempotentAnswers :exec
DELETE FROM idempotency_key
WHERE (account_id, key) IN (
    SELECT k.account_id, k.key FROM idempotency_key AS k
    WHERE k.created_at <= now() - make_interval(secs => $1)
    LIMIT 100
    FOR UPDATE SKIP LOCKED);
