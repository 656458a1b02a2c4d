-- Confirmed sign-ups, mailed codes, second factors, personal tokens, and limits.

ALTER TABLE accounts
    -- whether a factor is verified: then a session is asked for it
    ADD COLUMN second_factor boolean NOT NULL DEFAULT false;

ALTER TABLE sessions
    -- how it began: password, recovery, otp
    ADD COLUMN method text NOT NULL DEFAULT 'password',
    ADD COLUMN second_factor_at timestamptz,
    ADD COLUMN address text,
    ADD COLUMN user_agent text;

-- A sign-up whose address is not confirmed yet: there is no account before. Each has a password of
-- its own, so that only whoever reads the mail decides which of several becomes the account's.
CREATE TABLE pending_sign_up (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL,
    password_hash text NOT NULL,
    code_hash bytea NOT NULL,
    link_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);

CREATE INDEX pending_sign_up_email_idx ON pending_sign_up (email, id);

-- What was mailed to an account: the newest of each purpose counts.
CREATE TABLE one_time_code (
    account_id integer NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('confirmation', 'recovery', 'email-change')),
    -- where it was mailed to
    email text NOT NULL,
    code_hash bytea NOT NULL,
    link_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, purpose)
);

CREATE INDEX one_time_code_email_idx ON one_time_code (email);

-- Generators of six digits (TOTP).
CREATE TABLE factor (
    id uuid PRIMARY KEY,
    account_id integer NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    friendly_name text,
    sealed bytea NOT NULL,
    -- the last interval whose code was accepted: no code is accepted twice
    last_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    verified_at timestamptz
);

CREATE INDEX factor_account_idx ON factor (account_id);

CREATE TABLE factor_challenge (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    factor_id uuid NOT NULL REFERENCES factor (id) ON DELETE CASCADE,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);

CREATE INDEX factor_challenge_factor_idx ON factor_challenge (factor_id);
CREATE INDEX factor_challenge_session_idx ON factor_challenge (session_id);

-- Personal access tokens; only SHA-256 hashes are kept.
CREATE TABLE access_token (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id integer NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name text NOT NULL,
    -- its beginning and its end, for people
    alias text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz
);

CREATE INDEX access_token_account_idx ON access_token (account_id, id);

-- Tokens on their way to a command line that has no browser, encrypted for it.
CREATE TABLE cli_login (
    id uuid PRIMARY KEY,
    access_token_id integer NOT NULL UNIQUE REFERENCES access_token (id) ON DELETE CASCADE,
    ciphertext text NOT NULL,
    public_key text NOT NULL,
    nonce text NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    collected_at timestamptz
);

-- What was used up of each limit, as the time at which nothing of it will be. Losing it in a crash
-- of the server is harmless.
CREATE UNLOGGED TABLE rate_limit (
    rule text NOT NULL,
    subject bytea NOT NULL,
    free_at timestamptz NOT NULL,
    PRIMARY KEY (rule, subject)
);

CREATE INDEX rate_limit_free_idx ON rate_limit (free_at);
