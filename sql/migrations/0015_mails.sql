-- Mails on their way to the SMTP server. A mail that was sent or given up loses its text, which
-- may hold codes; the row stays for a while to tell what became of it.

CREATE TABLE mail (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL UNIQUE,
    kind text NOT NULL,
    recipient text NOT NULL,
    -- {subject, text}
    sealed bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    given_up_at timestamptz,
    error text,

    -- the sender's hold on the row; claim only ever grows
    claim bigint NOT NULL DEFAULT 0,
    claimed_until timestamptz,
    attempt integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),

    CHECK ((sealed IS NULL) = (sent_at IS NOT NULL OR given_up_at IS NOT NULL))
);

CREATE INDEX mail_work_idx ON mail (next_attempt_at) WHERE sealed IS NOT NULL;
CREATE INDEX mail_done_idx ON mail (created_at) WHERE sealed IS NULL;
