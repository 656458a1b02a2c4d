-- What was answered to requests that carried a key of their own: asked again, it is said again.

CREATE TABLE idempotency_key (
    account_id integer NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    key text NOT NULL,
    -- a keyed hash of the body: the body itself may hold a password
    fingerprint bytea NOT NULL,
    answer json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, key)
);

CREATE INDEX idempotency_key_created_idx ON idempotency_key (created_at);
