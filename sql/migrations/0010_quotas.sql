-- What an organization may use, where it differs from the default: {projects, cpu, memory, storage}
-- as the setting's. A resource that is null has no limit.
CREATE TABLE organization_quota (
    organization_id integer PRIMARY KEY REFERENCES organizations (id) ON DELETE CASCADE,
    quota jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

SELECT audit_follow('organization_quota', 'organization_id', 'quota');
