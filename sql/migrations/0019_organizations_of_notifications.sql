-- Of which organization a notification tells: whom it lets in, and who may see the project, is
-- decided by whoever reads the view.

CREATE OR REPLACE VIEW told AS
SELECT m.account_id, n.id, n.name, n.priority, n.title, n.message, n.created_at,
    o.slug AS organization_slug, p.project_ref, coalesce(s.status, 'new') AS status,
    m.organization_id
FROM organization_membership AS m
JOIN organizations AS o ON o.id = m.organization_id
JOIN project AS p ON p.organization_id = m.organization_id
JOIN notification AS n ON n.project_id = p.id AND n.created_at >= m.created_at
LEFT JOIN notification_state AS s ON s.notification_id = n.id AND s.account_id = m.account_id
WHERE m.role IS NOT NULL OR EXISTS (
    SELECT FROM project_role AS r
    JOIN project_role_project AS rp ON rp.role_id = r.id AND rp.project_id = p.id
    WHERE r.organization_id = m.organization_id AND r.account_id = m.account_id);
