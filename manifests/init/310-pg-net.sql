-- Who may send requests with pg_net, whenever it is created: now, or by a user later.

-- A role of early releases, replaced by supabase_functions_admin.
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'supabase_pg_net_admin') AS legacy \gset
\if :legacy
  BEGIN;
  REASSIGN OWNED BY supabase_pg_net_admin TO supabase_admin;
  DROP OWNED BY supabase_pg_net_admin;
  DROP ROLE supabase_pg_net_admin;
  COMMIT;
\endif

SELECT to_regprocedure('extensions.open_pg_net()') IS NULL AS missing \gset
\if :missing
  BEGIN;
  CREATE FUNCTION extensions.open_pg_net()
    RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog
    AS $$
    DECLARE
      target regprocedure;
      callers constant text :=
        'supabase_functions_admin, postgres, anon, authenticated, service_role';
    BEGIN
      EXECUTE 'GRANT USAGE ON SCHEMA net TO ' || callers;
      FOR target IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'net'::regnamespace AND proname IN ('http_get', 'http_post')
      LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = net', target);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', target);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s', target, callers);
      END LOOP;
    END
    $$;
  REVOKE ALL ON FUNCTION extensions.open_pg_net() FROM PUBLIC;
  COMMIT;
\endif

SELECT to_regprocedure('extensions.grant_pg_net_access()') IS NULL AS missing \gset
\if :missing
  CREATE FUNCTION extensions.grant_pg_net_access()
    RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog
    AS $$
    BEGIN
      IF EXISTS (
        SELECT
        FROM pg_event_trigger_ddl_commands() AS command
        JOIN pg_extension AS extension ON extension.oid = command.objid
        WHERE extension.extname = 'pg_net'
      ) THEN
        PERFORM extensions.open_pg_net();
      END IF;
    END
    $$;
\endif

SELECT NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'issue_pg_net_access') AS missing
\gset
\if :missing
  CREATE EVENT TRIGGER issue_pg_net_access
    ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION')
    EXECUTE FUNCTION extensions.grant_pg_net_access();
\endif

SELECT 'SELECT extensions.open_pg_net()'
WHERE EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_net')
\gexec
