-- Extensions that the services use, where the server offers them.

SELECT format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I', wanted.name, wanted.schema)
FROM (VALUES
  ('pgcrypto', 'extensions', true),
  ('uuid-ossp', 'extensions', true),
  ('pg_stat_statements', 'extensions', true),
  ('pgjwt', 'extensions', true),
  -- Without its background worker it refuses to be created.
  ('pg_net', 'extensions', current_setting('shared_preload_libraries') ~ '\mpg_net\M')
) AS wanted (name, schema, usable)
JOIN pg_available_extensions AS offered ON offered.name = wanted.name
WHERE wanted.usable AND offered.installed_version IS NULL
ORDER BY wanted.name = 'pgjwt', wanted.name
\gexec
