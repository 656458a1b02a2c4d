-- The resource that a restored project had before; what is still told of it is not about this one.
ALTER TABLE project ADD COLUMN former_uid text;
CREATE UNIQUE INDEX project_former_uid_key ON project (former_uid) WHERE former_uid IS NOT NULL;
CREATE INDEX project_removed_idx ON project (removed_at) WHERE removed_at IS NOT NULL;
