-- What a project runs on, as the operator reports it: {postgres, database, volumes: {name: size}}.
ALTER TABLE project ADD COLUMN facts jsonb NOT NULL DEFAULT '{}';
-- The mirror reads every resource anew.
UPDATE project SET resource_version = NULL;
