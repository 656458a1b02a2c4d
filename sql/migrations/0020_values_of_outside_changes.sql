-- What changes of a resource past the API changed, for the audit log.

-- Each resource's spec as the mirror saw it last, without the values of variables.
CREATE TABLE project_spec (
    project_id integer PRIMARY KEY REFERENCES project (id) ON DELETE CASCADE,
    -- where the project's row names another one, this was not seen last
    resource_version text NOT NULL,
    spec jsonb NOT NULL
);

-- What was seen to change in the spec, whoever did it: {"generation", "before", "after"}, the latter
-- two with values by the fields' names.
ALTER TABLE project_manager ADD COLUMN change jsonb;

-- The values that a manager of these fields is answerable for; NULL if there is none.
CREATE FUNCTION audit_said(told jsonb, fields jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(v.key, v.value) FROM jsonb_each(told) AS v
    WHERE EXISTS (
        SELECT FROM jsonb_array_elements_text(fields) AS f (name)
        WHERE v.key = f.name OR starts_with(v.key, f.name || '.')
            OR starts_with(f.name, v.key || '.'))
$$;

CREATE OR REPLACE FUNCTION audit_outside() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own jsonb := NEW.fields;
    change jsonb := '{}';
    before jsonb := '{}';
    after jsonb;
BEGIN
    -- A process that knows nothing of changes leaves the last one where it is.
    IF NEW.change ->> 'generation' = (
        SELECT p.generation::text FROM project AS p WHERE p.id = NEW.project_id)
    THEN
        change := NEW.change;
    END IF;
    after := jsonb_build_object(
        'operation', NEW.operation, 'changed_at', NEW.changed_at, 'fields', NEW.fields);
    IF TG_OP = 'UPDATE' THEN
        before := jsonb_build_object('changed_at', OLD.changed_at, 'fields', OLD.fields);
        -- What another manager has now was taken; the rest was given up.
        own := own || coalesce((
            SELECT jsonb_agg(f.name) FROM jsonb_array_elements_text(OLD.fields) AS f (name)
            WHERE NOT EXISTS (
                SELECT FROM project_manager AS m
                WHERE m.project_id = NEW.project_id AND m.fields ? f.name
                    AND (m.manager, m.operation) <> (NEW.manager, NEW.operation))), '[]');
    END IF;
    before := before || jsonb_strip_nulls(
        jsonb_build_object('values', audit_said(change -> 'before', own)));
    after := after || jsonb_strip_nulls(
        jsonb_build_object('values', audit_said(change -> 'after', own)));
    INSERT INTO audit_log (entry)
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'action', 'project.changed',
        'actor', jsonb_build_object('kind', 'kubernetes', 'manager', NEW.manager),
        'key', jsonb_build_object('id', NEW.project_id),
        'organization_id', p.organization_id,
        'organization_slug', o.slug,
        'project_ref', p.project_ref))
        || jsonb_build_object('before', nullif(before, '{}'), 'after', after)
    FROM project AS p LEFT JOIN organizations AS o ON o.id = p.organization_id
    WHERE p.id = NEW.project_id;
    RETURN NULL;
END
$$;

-- The mirror reads every resource anew.
UPDATE project SET resource_version = NULL;
