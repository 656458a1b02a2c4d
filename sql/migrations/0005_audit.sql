-- Who changed what: one chain of entries that only grows.
--
-- Triggers write the entries when a transaction commits, so that no change is without one and the
-- chain is locked for as short as can be. Who acts is told by the setting `supamanager.origin` of
-- the transaction. A migration that makes a table calls audit_follow for it.

CREATE TABLE audit_log (
    position bigint PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    entry jsonb NOT NULL,
    previous_hash bytea NOT NULL,
    -- SHA-256 of previous_hash and of "<position> <occurred_at> <entry>"
    hash bytea NOT NULL,
    actor_id integer GENERATED ALWAYS AS ((entry #>> '{actor,account_id}')::integer) STORED,
    account_id integer GENERATED ALWAYS AS ((entry ->> 'account_id')::integer) STORED,
    organization_id integer GENERATED ALWAYS AS ((entry ->> 'organization_id')::integer) STORED
);

CREATE INDEX audit_log_actor_idx ON audit_log (actor_id, occurred_at);
CREATE INDEX audit_log_account_idx ON audit_log (account_id, occurred_at);
CREATE INDEX audit_log_organization_idx ON audit_log (organization_id, occurred_at);

-- One row: the end of the chain. Whoever appends locks it.
CREATE TABLE audit_head (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    position bigint NOT NULL,
    hash bytea NOT NULL
);
INSERT INTO audit_head (position, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE FUNCTION audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head audit_head;
BEGIN
    SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
    NEW.position := head.position + 1;
    NEW.occurred_at := clock_timestamp();
    NEW.previous_hash := head.hash;
    NEW.hash := sha256(head.hash || convert_to(
        NEW.position || ' '
        || to_char(NEW.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' '
        || NEW.entry::text,
        'UTF8'));
    UPDATE audit_head SET position = NEW.position, hash = NEW.hash;
    RETURN NEW;
END
$$;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_link BEFORE INSERT ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_link();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse BEFORE INSERT OR DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse_back BEFORE UPDATE ON audit_head
    FOR EACH ROW WHEN (NEW.position <> OLD.position + 1) EXECUTE FUNCTION audit_refuse();

-- Arguments: the columns of the table's key, and those that are told of, each list separated by
-- commas. Of a column that begins with `-` only the change is told, never a value.
CREATE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    either jsonb := coalesce(new_row, old_row);
    origin jsonb := nullif(current_setting('supamanager.origin', true), '')::jsonb;
    identity jsonb := '{}';
    before jsonb := '{}';
    after jsonb := '{}';
    owners integer[];
    owner integer;
    told text;
    shown text;
BEGIN
    FOREACH told IN ARRAY string_to_array(TG_ARGV[0], ',') LOOP
        identity := identity || jsonb_build_object(told, either -> told);
    END LOOP;
    FOREACH told IN ARRAY string_to_array(TG_ARGV[1], ',') LOOP
        shown := ltrim(told, '-');
        IF (old_row -> shown) IS DISTINCT FROM (new_row -> shown) THEN
            before := before || jsonb_build_object(shown, CASE
                WHEN old_row -> shown = 'null' THEN NULL
                WHEN shown <> told THEN '"hidden"' ELSE old_row -> shown END);
            after := after || jsonb_build_object(shown, CASE
                WHEN new_row -> shown = 'null' THEN NULL
                WHEN shown <> told THEN '"hidden"' ELSE new_row -> shown END);
        END IF;
    END LOOP;
    IF origin IS NULL THEN
        origin := jsonb_build_object('kind', CASE
            WHEN current_setting('application_name') = 'supamanager-api' THEN 'system'
            ELSE 'database' END, 'role', session_user);
    END IF;
    -- What moves from one organization to another is told to both.
    owners := audit_owners(TG_TABLE_NAME, new_row) || audit_owners(TG_TABLE_NAME, old_row);
    FOR owner IN
        SELECT DISTINCT id FROM unnest(CASE owners WHEN '{}' THEN '{NULL}' ELSE owners END) AS id
    LOOP
        INSERT INTO audit_log (entry) VALUES (jsonb_strip_nulls(jsonb_build_object(
            'action', TG_TABLE_NAME || '.' || CASE TG_OP
                WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END,
            'actor', origin - '{request_id,method,route,status}'::text[],
            'request', CASE WHEN origin ? 'method'
                THEN origin - '{kind,account_id,gotrue_id,email,address,token}'::text[] END,
            'key', identity,
            'organization_id', owner,
            'organization_slug', coalesce(
                (SELECT o.slug FROM organizations AS o WHERE o.id = owner), either ->> 'slug'),
            'project_ref', audit_ref(either),
            'account_id', CASE TG_TABLE_NAME WHEN 'accounts' THEN either -> 'id'
                ELSE either -> 'account_id' END))
            -- Added last: a null in them says something.
            || jsonb_build_object(
                'before', CASE WHEN old_row IS NOT NULL THEN before END,
                'after', CASE WHEN new_row IS NOT NULL THEN after END));
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION audit_owners(table_name text, changed jsonb) RETURNS integer[] LANGUAGE sql STABLE
AS $$
    SELECT coalesce(array_agg(id), '{}') FROM (
        SELECT CASE table_name WHEN 'organizations' THEN (changed ->> 'id')::integer END AS id
        UNION SELECT (changed ->> 'organization_id')::integer
        UNION SELECT p.organization_id FROM project AS p
            WHERE p.id = (changed ->> 'project_id')::integer
    ) AS owners WHERE id IS NOT NULL
$$;

CREATE FUNCTION audit_ref(changed jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        changed ->> 'project_ref',
        (SELECT p.project_ref FROM project AS p WHERE p.id = (changed ->> 'project_id')::integer))
$$;

CREATE FUNCTION audit_follow(followed regclass, VARIADIC told text[]) RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
    arguments text;
    old_values text;
    new_values text;
BEGIN
    SELECT format('%L, %L', string_agg(a.attname, ',' ORDER BY a.attnum),
            array_to_string(told, ','))
        INTO STRICT arguments
        FROM pg_index AS i JOIN pg_attribute AS a
            ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = followed AND i.indisprimary;
    SELECT string_agg(format('OLD.%I', ltrim(each, '-')), ', '),
            string_agg(format('NEW.%I', ltrim(each, '-')), ', ')
        INTO STRICT old_values, new_values FROM unnest(told) AS each;
    EXECUTE format('DROP TRIGGER IF EXISTS audit_insert ON %s', followed);
    EXECUTE format('DROP TRIGGER IF EXISTS audit_update ON %s', followed);
    EXECUTE format('DROP TRIGGER IF EXISTS audit_delete ON %s', followed);
    EXECUTE format(
        'CREATE CONSTRAINT TRIGGER audit_insert AFTER INSERT ON %s DEFERRABLE INITIALLY DEFERRED '
        'FOR EACH ROW EXECUTE FUNCTION audit_change(%s)', followed, arguments);
    EXECUTE format(
        'CREATE CONSTRAINT TRIGGER audit_update AFTER UPDATE ON %s DEFERRABLE INITIALLY DEFERRED '
        'FOR EACH ROW WHEN (ROW (%s) IS DISTINCT FROM ROW (%s)) '
        'EXECUTE FUNCTION audit_change(%s)', followed, old_values, new_values, arguments);
    EXECUTE format(
        'CREATE CONSTRAINT TRIGGER audit_delete AFTER DELETE ON %s DEFERRABLE INITIALLY DEFERRED '
        'FOR EACH ROW EXECUTE FUNCTION audit_change(%s)', followed, arguments);
END
$$;

SELECT audit_follow('accounts', 'email', 'username', 'first_name', 'last_name', '-password_hash',
    'email_confirmed_at', 'profile_created_at');
SELECT audit_follow('sessions', 'account_id');
SELECT audit_follow('login_audit', 'account_id', 'session_id', 'address', 'user_agent');
SELECT audit_follow('organizations', 'slug', 'name');
SELECT audit_follow('organization_membership', 'organization_id', 'account_id', 'role');
SELECT audit_follow('project_role', 'organization_id', 'account_id', 'role', 'name', 'description');
SELECT audit_follow('project_role_project', 'role_id', 'project_id');
SELECT audit_follow('project', 'project_ref', 'project_name', 'organization_id', 'cloud_provider',
    'region', 'namespace', 'resource_name', 'intent', 'organization_label',
    'deletion_requested_at', 'removed_at');
SELECT audit_follow('project_input', 'project_id', 'key', '-sealed');
