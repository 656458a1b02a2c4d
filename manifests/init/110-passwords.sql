-- One verifier serves every role: SCRAM does not depend on the name of the user. The role that runs
-- this keeps the password it has logged in with.

\getenv verifier PASSWORD_VERIFIER
SELECT format('ALTER ROLE %I WITH PASSWORD %L', rolname, :'verifier')
FROM pg_roles
WHERE rolname IN (
  'authenticator', 'pgbouncer', 'postgres', 'supabase_admin', 'supabase_auth_admin',
  'supabase_functions_admin', 'supabase_read_only_user', 'supabase_storage_admin'
) AND rolname <> current_user
ORDER BY rolname
\gexec
\unset verifier
