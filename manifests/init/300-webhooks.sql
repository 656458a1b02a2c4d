-- Database webhooks: a trigger function that users attach to their tables, and its audit trail.

SELECT to_regclass('supabase_functions.migrations') IS NULL AS missing \gset
\if :missing
  BEGIN;
  CREATE TABLE supabase_functions.migrations (
    version text PRIMARY KEY,
    inserted_at timestamptz NOT NULL DEFAULT now()
  );
  ALTER TABLE supabase_functions.migrations OWNER TO supabase_functions_admin;
  COMMIT;
\endif
INSERT INTO supabase_functions.migrations (version)
VALUES ('initial'), ('20210809183423_update_grants')
ON CONFLICT DO NOTHING;

SELECT to_regclass('supabase_functions.hooks') IS NULL AS missing \gset
\if :missing
  BEGIN;
  CREATE TABLE supabase_functions.hooks (
    id bigserial PRIMARY KEY,
    hook_table_id integer NOT NULL,
    hook_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    request_id bigint
  );
  COMMENT ON TABLE supabase_functions.hooks IS 'One row for each webhook that was sent.';
  ALTER TABLE supabase_functions.hooks OWNER TO supabase_functions_admin;
  COMMIT;
\endif
CREATE INDEX IF NOT EXISTS supabase_functions_hooks_request_id_idx
  ON supabase_functions.hooks (request_id);
CREATE INDEX IF NOT EXISTS supabase_functions_hooks_h_table_id_h_name_idx
  ON supabase_functions.hooks (hook_table_id, hook_name);

SELECT to_regprocedure('supabase_functions.http_request()') IS NULL AS missing \gset
\if :missing
  BEGIN;
  CREATE FUNCTION supabase_functions.http_request()
    RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = supabase_functions
    AS $$
    DECLARE
      url text := nullif(TG_ARGV[0], 'null');
      method text := nullif(TG_ARGV[1], 'null');
      headers jsonb := coalesce(
        nullif(TG_ARGV[2], 'null')::jsonb, '{"Content-Type": "application/json"}'
      );
      params jsonb := coalesce(nullif(TG_ARGV[3], 'null')::jsonb, '{}');
      timeout_ms integer := coalesce(nullif(TG_ARGV[4], 'null')::integer, 1000);
      request bigint;
    BEGIN
      IF url IS NULL THEN
        RAISE EXCEPTION 'webhook %: the first argument, the URL, is missing', TG_NAME;
      ELSIF method IS NULL OR method NOT IN ('GET', 'POST') THEN
        RAISE EXCEPTION 'webhook %: the second argument, the method, must be GET or POST', TG_NAME;
      ELSIF to_regnamespace('net') IS NULL THEN
        RAISE EXCEPTION 'webhook %: the extension pg_net is not installed', TG_NAME
          USING HINT = 'CREATE EXTENSION pg_net WITH SCHEMA extensions';
      ELSIF method = 'GET' THEN
        request := net.http_get(url, params, headers, timeout_ms);
      ELSE
        request := net.http_post(
          url,
          jsonb_build_object(
            'type', TG_OP,
            'schema', TG_TABLE_SCHEMA,
            'table', TG_TABLE_NAME,
            'record', NEW,
            'old_record', OLD
          ),
          params,
          headers,
          timeout_ms
        );
      END IF;
      INSERT INTO supabase_functions.hooks (hook_table_id, hook_name, request_id)
      VALUES (TG_RELID::integer, TG_NAME, request);
      -- NULL from a BEFORE trigger would silently drop the DELETE.
      IF TG_OP = 'DELETE' THEN
        RETURN OLD;
      END IF;
      RETURN NEW;
    END
    $$;
  ALTER FUNCTION supabase_functions.http_request() OWNER TO supabase_functions_admin;
  REVOKE ALL ON FUNCTION supabase_functions.http_request() FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION supabase_functions.http_request()
    TO postgres, anon, authenticated, service_role;
  COMMIT;
\endif

GRANT ALL ON SCHEMA supabase_functions TO supabase_functions_admin;
GRANT ALL ON ALL TABLES IN SCHEMA supabase_functions TO supabase_functions_admin;
GRANT ALL ON ALL SEQUENCES IN SCHEMA supabase_functions TO supabase_functions_admin;
