-- What people are told about their projects, and who changes the resources past the API.

CREATE TABLE notification (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id integer NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    -- told once: the same key again is the same notification
    key text NOT NULL,
    name text NOT NULL,
    priority text NOT NULL CHECK (priority IN ('Critical', 'Warning', 'Info')),
    title text NOT NULL,
    message text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_id, key)
);

CREATE INDEX notification_created_idx ON notification (created_at);

-- What an account has done with it; without a row it is new.
CREATE TABLE notification_state (
    notification_id uuid NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    account_id integer NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    status text NOT NULL CHECK (status IN ('new', 'seen', 'archived')),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (notification_id, account_id)
);

CREATE INDEX notification_state_account_idx ON notification_state (account_id);

-- Which account is told of which notification: members of the project's organization, of what
-- happened since they are.
CREATE VIEW told AS
SELECT m.account_id, n.id, n.name, n.priority, n.title, n.message, n.created_at,
    o.slug AS organization_slug, p.project_ref, coalesce(s.status, 'new') AS status
FROM organization_membership AS m
JOIN organizations AS o ON o.id = m.organization_id
JOIN project AS p ON p.organization_id = m.organization_id
JOIN notification AS n ON n.project_id = p.id AND n.created_at >= m.created_at
LEFT JOIN notification_state AS s ON s.notification_id = n.id AND s.account_id = m.account_id
WHERE m.role IS NOT NULL OR EXISTS (
    SELECT FROM project_role AS r
    JOIN project_role_project AS rp ON rp.role_id = r.id AND rp.project_id = p.id
    WHERE r.organization_id = m.organization_id AND r.account_id = m.account_id);

-- The fields of each resource that others than this product set, as its managedFields tell.
CREATE TABLE project_manager (
    project_id integer NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    manager text NOT NULL,
    operation text NOT NULL,
    changed_at timestamptz NOT NULL,
    fields jsonb NOT NULL,
    PRIMARY KEY (project_id, manager, operation)
);

-- As audit_change, but it is the manager who acts.
CREATE FUNCTION audit_outside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_log (entry)
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'action', 'project.changed',
        'actor', jsonb_build_object('kind', 'kubernetes', 'manager', NEW.manager),
        'key', jsonb_build_object('id', NEW.project_id),
        'organization_id', p.organization_id,
        'organization_slug', o.slug,
        'project_ref', p.project_ref))
        || jsonb_build_object(
            'before', CASE TG_OP WHEN 'UPDATE' THEN
                jsonb_build_object('changed_at', OLD.changed_at, 'fields', OLD.fields) END,
            'after', jsonb_build_object('operation', NEW.operation, 'changed_at', NEW.changed_at,
                'fields', NEW.fields))
    FROM project AS p LEFT JOIN organizations AS o ON o.id = p.organization_id
    WHERE p.id = NEW.project_id;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER audit_outside AFTER INSERT OR UPDATE ON project_manager
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_outside();

SELECT audit_follow('notification_state', 'notification_id', 'account_id', 'status');

-- What accounts have since: of codes, tokens and factors only that they are there.
SELECT audit_follow('accounts', 'email', 'username', 'first_name', 'last_name', '-password_hash',
    'email_confirmed_at', 'profile_created_at', 'second_factor');
SELECT audit_follow('sessions', 'account_id', 'method', 'second_factor_at');
SELECT audit_follow('pending_sign_up', 'email', '-password_hash', 'expires_at');
SELECT audit_follow('one_time_code', 'account_id', 'purpose', 'email', '-code_hash', 'expires_at');
SELECT audit_follow('factor', 'account_id', 'friendly_name', '-sealed', 'verified_at');
SELECT audit_follow('access_token', 'account_id', 'name', 'alias', '-token_hash', 'expires_at');
SELECT audit_follow('cli_login', 'access_token_id', 'collected_at');

-- The mirror reads every resource anew.
UPDATE project SET resource_version = NULL;
