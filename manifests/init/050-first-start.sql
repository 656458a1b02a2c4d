-- The image's own scripts make `postgres`, and take its superuser away again. Where they did not
-- come that far, the files after this one would only hide what is missing. The database that the
-- last of them makes tells an earlier run: from then on roles are the users' own choice, and so
-- they are on a server with another superuser than the image's.

DO $$
BEGIN
  IF current_user = 'supabase_admin'
    AND NOT EXISTS (SELECT FROM pg_database WHERE datname = '_supabase')
    AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'postgres' AND NOT rolsuper)
  THEN
    RAISE EXCEPTION 'the first start of the database was cut short: its data directory has only a '
      'part of what the image makes';
  END IF;
END $$;
