-- What an item of content takes, to be counted without reading what it holds.

ALTER TABLE content ADD COLUMN size integer NOT NULL DEFAULT 0;

-- A process that knows nothing of sizes stores them too.
CREATE FUNCTION content_size() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.size := octet_length(NEW.content::text) + octet_length(NEW.name)
        + coalesce(octet_length(NEW.description), 0);
    RETURN NEW;
END
$$;
CREATE TRIGGER content_size BEFORE INSERT OR UPDATE ON content
    FOR EACH ROW EXECUTE FUNCTION content_size();
