-- The database that the services keep their own state in, apart from the users'. It comes last:
-- connecting to it ends the session that holds the lock.

SELECT 'CREATE DATABASE _supabase OWNER supabase_admin TEMPLATE template0'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '_supabase')
\gexec

\connect _supabase
SET client_min_messages = warning;
SELECT format('CREATE SCHEMA %I AUTHORIZATION supabase_admin', name)
FROM unnest(ARRAY['_analytics', '_supavisor']) AS name
WHERE to_regnamespace(name) IS NULL
\gexec
