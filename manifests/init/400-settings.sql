-- The life of an access token, for SQL that asks. The key that signs it is never a setting: every
-- user of SQL could read it.

\getenv jwt_exp JWT_EXP
SELECT format('ALTER DATABASE %I SET app.settings.jwt_exp = %L', current_database(), :'jwt_exp')
\gexec

-- Empty until a user, who owns it, adds a table.
SELECT NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'supabase_realtime') AS missing \gset
\if :missing
  BEGIN;
  CREATE PUBLICATION supabase_realtime;
  ALTER PUBLICATION supabase_realtime OWNER TO postgres;
  COMMIT;
\endif
