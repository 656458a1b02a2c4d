-- What members ask a project's own services to change. The change itself is the service's; that it
-- was asked for is told by the audit log, from the moment before it is passed on.
CREATE TABLE service_call (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id integer NOT NULL REFERENCES project (id),
    service text NOT NULL,
    change text NOT NULL
);

CREATE INDEX service_call_project_idx ON service_call (project_id);

SELECT audit_follow('service_call', 'project_id', 'service', 'change');
