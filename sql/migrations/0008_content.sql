-- What people keep about a project in the dashboard: SQL snippets, reports, log queries.

CREATE TABLE content_folder (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id integer NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    owner_id integer NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    parent_id uuid REFERENCES content_folder (id) ON DELETE CASCADE,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX content_folder_owner_idx ON content_folder (project_id, owner_id);
CREATE INDEX content_folder_parent_idx ON content_folder (parent_id);

CREATE TABLE content (
    -- chosen by the browser
    id uuid PRIMARY KEY,
    project_id integer NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    -- NULL: the account is gone, and what it shared stays
    owner_id integer REFERENCES accounts (id) ON DELETE SET NULL,
    updated_by_id integer REFERENCES accounts (id) ON DELETE SET NULL,
    folder_id uuid REFERENCES content_folder (id) ON DELETE CASCADE,
    name text NOT NULL,
    description text,
    type text NOT NULL CHECK (type IN ('sql', 'report', 'log_sql')),
    visibility text NOT NULL CHECK (visibility IN ('user', 'project')),
    content jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX content_project_idx ON content (project_id, created_at);
CREATE INDEX content_folder_idx ON content (folder_id);
CREATE INDEX content_account_idx ON content (owner_id);

CREATE TABLE content_favorite (
    content_id uuid NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    account_id integer NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (content_id, account_id)
);

CREATE INDEX content_favorite_account_idx ON content_favorite (account_id);

-- What was private ends with its owner.
CREATE FUNCTION content_without_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM content WHERE id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER content_without_owner AFTER UPDATE OF owner_id ON content
    FOR EACH ROW WHEN (NEW.owner_id IS NULL AND NEW.visibility = 'user')
    EXECUTE FUNCTION content_without_owner();

SELECT audit_follow('content_folder', 'project_id', 'owner_id', 'parent_id', '-name');
SELECT audit_follow('content', 'project_id', 'owner_id', 'folder_id', '-name', '-description',
    'type', 'visibility', '-content');
SELECT audit_follow('content_favorite', 'content_id', 'account_id');
