-- Whether the session that made a personal token had shown the account's second factor.

-- The last version does not say: what it makes while it still runs counts as one factor.
ALTER TABLE access_token ADD COLUMN second_factor boolean NOT NULL DEFAULT false;

-- Whoever made a token after a factor was verified had to show it. Of a factor that is gone nothing
-- is known.
UPDATE access_token AS t
SET second_factor = true
WHERE EXISTS (
    SELECT FROM factor AS f
    WHERE f.account_id = t.account_id AND f.verified_at < t.created_at);

SELECT audit_follow('access_token', 'account_id', 'name', 'alias', '-token_hash', 'expires_at',
    'second_factor');
