-- PostgREST reads the schema again whenever a definition has changed.

SELECT to_regprocedure('extensions.pgrst_ddl_watch()') IS NULL AS missing \gset
\if :missing
  CREATE FUNCTION extensions.pgrst_ddl_watch()
    RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog
    AS $$
    BEGIN
      IF EXISTS (
        SELECT FROM pg_event_trigger_ddl_commands()
        WHERE schema_name IS DISTINCT FROM 'pg_temp'
      ) THEN
        NOTIFY pgrst, 'reload schema';
      END IF;
    END
    $$;
\endif

SELECT to_regprocedure('extensions.pgrst_drop_watch()') IS NULL AS missing \gset
\if :missing
  CREATE FUNCTION extensions.pgrst_drop_watch()
    RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog
    AS $$
    BEGIN
      IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects() WHERE NOT is_temporary) THEN
        NOTIFY pgrst, 'reload schema';
      END IF;
    END
    $$;
\endif

SELECT format('CREATE EVENT TRIGGER %1$I ON %2$s EXECUTE FUNCTION extensions.%1$I()', name, event)
FROM (VALUES
  ('pgrst_ddl_watch', 'ddl_command_end'),
  ('pgrst_drop_watch', 'sql_drop')
) AS wanted (name, event)
WHERE NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = wanted.name)
\gexec
