-- The roles of the stack, what they are members of, and their settings.

SELECT format('CREATE ROLE %I %s', wanted.name, wanted.attributes)
FROM (VALUES
  ('supabase_admin', 'SUPERUSER CREATEDB CREATEROLE LOGIN REPLICATION BYPASSRLS'),
  ('postgres', 'CREATEDB CREATEROLE LOGIN REPLICATION BYPASSRLS'),
  ('anon', 'NOLOGIN NOINHERIT'),
  ('authenticated', 'NOLOGIN NOINHERIT'),
  ('service_role', 'NOLOGIN NOINHERIT BYPASSRLS'),
  ('authenticator', 'LOGIN NOINHERIT'),
  ('supabase_auth_admin', 'LOGIN NOINHERIT CREATEROLE'),
  ('supabase_storage_admin', 'LOGIN NOINHERIT CREATEROLE'),
  ('supabase_functions_admin', 'LOGIN NOINHERIT CREATEROLE'),
  ('supabase_realtime_admin', 'NOLOGIN NOINHERIT'),
  ('supabase_read_only_user', 'LOGIN BYPASSRLS'),
  ('supabase_replication_admin', 'LOGIN REPLICATION'),
  ('supabase_etl_admin', 'LOGIN REPLICATION'),
  ('supabase_superuser', 'NOLOGIN'),
  ('dashboard_user', 'NOLOGIN CREATEDB CREATEROLE REPLICATION'),
  ('pgbouncer', 'LOGIN')
) AS wanted (name, attributes)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name)
\gexec

-- From PostgreSQL 16 on CREATEROLE alone no longer lets `postgres` hand out the API roles.
SELECT format(
  'GRANT %I TO %I%s', wanted.role, wanted.member,
  CASE
    WHEN wanted.admin AND current_setting('server_version_num')::int >= 160000
    THEN ' WITH ADMIN OPTION' ELSE ''
  END
)
FROM (VALUES
  ('anon', 'authenticator', false),
  ('authenticated', 'authenticator', false),
  ('service_role', 'authenticator', false),
  ('anon', 'postgres', true),
  ('authenticated', 'postgres', true),
  ('service_role', 'postgres', true),
  ('authenticator', 'supabase_storage_admin', false),
  ('supabase_functions_admin', 'postgres', false),
  ('pg_read_all_data', 'supabase_read_only_user', false),
  ('pg_read_all_data', 'postgres', false),
  ('pg_monitor', 'postgres', false),
  ('pg_signal_backend', 'postgres', false)
) AS wanted (role, member, admin)
WHERE NOT EXISTS (
  SELECT FROM pg_auth_members AS given
  WHERE given.roleid = wanted.role::regrole AND given.member = wanted.member::regrole
)
\gexec

-- A setting that somebody has changed stays as it is.
SELECT format('ALTER ROLE %I SET %I = %s', wanted.role, wanted.name, wanted.value)
FROM (VALUES
  ('anon', 'statement_timeout', '''3s'''),
  ('authenticated', 'statement_timeout', '''8s'''),
  ('authenticator', 'statement_timeout', '''8s'''),
  ('authenticator', 'lock_timeout', '''8s'''),
  ('postgres', 'search_path', '"$user", public, extensions'),
  ('supabase_admin', 'search_path', '"$user", public, auth, extensions'),
  ('supabase_auth_admin', 'search_path', 'auth'),
  ('supabase_storage_admin', 'search_path', 'storage'),
  ('supabase_functions_admin', 'search_path', 'supabase_functions'),
  ('supabase_read_only_user', 'default_transaction_read_only', 'on')
) AS wanted (role, name, value)
WHERE NOT EXISTS (
  SELECT
  FROM pg_db_role_setting AS given, unnest(given.setconfig) AS setting
  WHERE given.setrole = wanted.role::regrole
    AND given.setdatabase = 0
    AND split_part(setting, '=', 1) = wanted.name
)
\gexec

-- Users own the database in which they work, unless somebody else was made its owner.
SELECT format('ALTER DATABASE %I OWNER TO postgres', datname)
FROM pg_database
WHERE datname = current_database()
  AND datdba IN (10, 'supabase_admin'::regrole)
  AND datdba <> 'postgres'::regrole
\gexec

-- Their migrations begin with CREATE SCHEMA IF NOT EXISTS, which asks for this right either way.
SELECT format('GRANT CREATE ON DATABASE %I TO %I', current_database(), role)
FROM unnest(ARRAY['postgres', 'supabase_auth_admin', 'supabase_storage_admin']) AS role
WHERE NOT has_database_privilege(role, current_database(), 'CREATE')
\gexec
