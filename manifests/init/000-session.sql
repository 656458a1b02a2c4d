-- What holds for all files of this folder: each may run any number of times, creates what is
-- missing and leaves what is there, because the image or a service may have made it better.
-- Names are qualified; `\gexec` runs each row that the query before it returns.

SET search_path = pg_catalog;
SET client_min_messages = warning;

-- Two Jobs of different contents may overlap during a roll-out.
DO $$ BEGIN PERFORM pg_advisory_lock(hashtext('supamanager init')); END $$;

-- 110-passwords.sql sends the verifier in a statement; neither the log nor a statistics table may
-- keep it. A library that is not loaded makes its setting a harmless placeholder.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_duration_sample = -1;
SET log_transaction_sample_rate = 0;
SET log_min_error_statement = 'panic';
SET pg_stat_statements.track = 'none';
SET pg_stat_statements.track_utility = off;
SET pgaudit.log = 'none';
