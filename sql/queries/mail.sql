-- name: EnqueueMail :exec
INSERT INTO mail (message_id, kind, recipient, sealed)
VALUES ($1, $2, $3, $4);

-- name: ClaimMail :one
UPDATE mail
SET claim = claim + 1, attempt = attempt + 1,
    claimed_until = now() + make_interval(secs => $1)
WHERE id = (
    SELECT id FROM mail
    WHERE sealed IS NOT NULL
        AND next_attempt_at <= now()
        AND (claimed_until IS NULL OR claimed_until < now())
    ORDER BY next_attempt_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED)
RETURNING id, message_id, kind, recipient, sealed AS sealed, claim, attempt;

-- name: FinishMail :exec
UPDATE mail
SET sent_at = now(), sealed = NULL, error = NULL, claimed_until = NULL
WHERE id = $1 AND claim = $2;

-- name: PostponeMail :exec
UPDATE mail
SET next_attempt_at = now() + make_interval(secs => $3), error = $4, claimed_until = NULL
WHERE id = $1 AND claim = $2;

-- name: GiveMailUp :exec
UPDATE mail
SET given_up_at = now(), sealed = NULL, error = $3, claimed_until = NULL
WHERE id = $1 AND claim = $2;

-- name: CountWaitingMails :one
SELECT count(*) AS count FROM mail WHERE sealed IS NOT NULL;

-- name: DeleteOldMails :exec
DELETE FROM mail
WHERE (sealed IS NULL AND created_at < now() - interval '30 days');
