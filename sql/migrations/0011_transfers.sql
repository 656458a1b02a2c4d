-- Transfers between organizations: the label that this program sets counts before the mirror has
-- seen it, and what the mirror saw before it was set does not count any more.
ALTER TABLE project
    -- the revision of the intent that set organization_label
    ADD COLUMN label_revision integer NOT NULL DEFAULT 0,
    -- the resource's version with that label
    ADD COLUMN label_version bigint;
