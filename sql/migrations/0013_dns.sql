-- What the hook for DNS was told of each project's names.

CREATE TABLE dns_record (
    project_id integer PRIMARY KEY REFERENCES project (id) ON DELETE CASCADE,
    -- the last word that the hook has taken; NULL: none yet
    told text CHECK (told IN ('CREATE', 'DELETE')),
    -- the hold of the process that tells it; claim only ever grows
    claim bigint NOT NULL DEFAULT 0,
    claimed_until timestamptz,
    attempt integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now()
);
