-- The schemas of the stack and who may use them. What lies in a service's schema is made by that
-- service's own migrations: nothing here touches it.

SELECT format('CREATE SCHEMA %I AUTHORIZATION %I', wanted.name, wanted.owner)
FROM (VALUES
  ('extensions', 'supabase_admin'),
  ('auth', 'supabase_auth_admin'),
  ('storage', 'supabase_storage_admin'),
  ('realtime', 'supabase_realtime_admin'),
  ('_realtime', 'supabase_admin'),
  ('graphql', 'supabase_admin'),
  ('graphql_public', 'supabase_admin'),
  ('supabase_functions', 'supabase_admin'),
  ('pgbouncer', 'pgbouncer')
) AS wanted (name, owner)
WHERE to_regnamespace(wanted.name) IS NULL
\gexec

GRANT ALL ON SCHEMA public, extensions TO postgres;
GRANT ALL ON SCHEMA auth TO supabase_auth_admin;
GRANT ALL ON SCHEMA storage TO supabase_storage_admin;
GRANT USAGE ON SCHEMA public, extensions TO anon, authenticated, service_role;
GRANT USAGE ON SCHEMA auth, storage, graphql_public, supabase_functions
  TO postgres, anon, authenticated, service_role;

-- Tables, functions and sequences that an owner makes later. Who has rights on them is the users'
-- own choice once an entry exists.
SELECT format(
  'ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT ALL ON %s TO %s',
  wanted.owner, wanted.schema, kind.name, wanted.grantees
)
FROM (VALUES
  ('postgres', 'public', 'postgres, anon, authenticated, service_role'),
  ('supabase_admin', 'public', 'postgres, anon, authenticated, service_role'),
  ('supabase_auth_admin', 'auth', 'postgres, dashboard_user'),
  ('supabase_storage_admin', 'storage', 'postgres, anon, authenticated, service_role'),
  ('supabase_admin', 'supabase_functions', 'postgres, anon, authenticated, service_role')
) AS wanted (owner, schema, grantees)
CROSS JOIN (VALUES ('TABLES', 'r'), ('FUNCTIONS', 'f'), ('SEQUENCES', 'S')) AS kind (name, code)
WHERE NOT EXISTS (
  SELECT FROM pg_default_acl
  WHERE defaclrole = wanted.owner::regrole
    AND defaclnamespace = wanted.schema::regnamespace
    AND defaclobjtype::text = kind.code
)
\gexec

-- What poolers ask for the verifier of a user who logs in.
SELECT to_regprocedure('pgbouncer.get_auth(text)') IS NULL AS missing \gset
\if :missing
  BEGIN;
  CREATE FUNCTION pgbouncer.get_auth(p_usename text)
    RETURNS TABLE (username text, password text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    AS $$
      SELECT rolname::text, CASE WHEN rolvaliduntil < now() THEN NULL ELSE rolpassword END
      FROM pg_authid
      WHERE rolname = p_usename AND rolcanlogin
    $$;
  REVOKE ALL ON FUNCTION pgbouncer.get_auth(text) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION pgbouncer.get_auth(text) TO pgbouncer;
  COMMIT;
\endif

-- `/graphql/v1` calls this function, with and without the extension pg_graphql.
SELECT NOT EXISTS (
  SELECT FROM pg_proc
  WHERE proname = 'graphql' AND pronamespace = 'graphql_public'::regnamespace
) AS missing \gset
\if :missing
  CREATE FUNCTION graphql_public.graphql(
    "operationName" text DEFAULT NULL,
    query text DEFAULT NULL,
    variables jsonb DEFAULT NULL,
    extensions jsonb DEFAULT NULL
  )
    RETURNS jsonb
    LANGUAGE sql STABLE SET search_path = pg_catalog
    AS $$
      SELECT jsonb_build_object(
        'errors',
        jsonb_build_array(
          jsonb_build_object('message', 'the extension pg_graphql is not enabled in this project')
        )
      )
    $$;
\endif
