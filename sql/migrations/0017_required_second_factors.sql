-- Organizations that only let in who has a second factor.

ALTER TABLE organizations ADD COLUMN requires_mfa boolean NOT NULL DEFAULT false;

CREATE OR REPLACE VIEW membership AS
SELECT m.account_id, m.organization_id, o.slug, o.name, m.role,
    coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'id', r.id, 'role', r.role, 'projects', r.projects) ORDER BY r.id)
        FROM (
            SELECT g.id, g.role, jsonb_agg(
                jsonb_build_object('id', p.id, 'ref', p.project_ref) ORDER BY p.id) AS projects
            FROM project_role AS g
            JOIN project_role_project AS gp ON gp.role_id = g.id
            JOIN project AS p ON p.id = gp.project_id
                AND p.organization_id = g.organization_id AND p.removed_at IS NULL
            WHERE g.organization_id = m.organization_id AND g.account_id = m.account_id
            GROUP BY g.id) AS r), '[]') AS scoped,
    o.billing_email, o.opt_in_tags, o.requires_mfa
FROM organization_membership AS m
JOIN organizations AS o ON o.id = m.organization_id;

SELECT audit_follow('organizations', 'slug', 'name', 'billing_email', 'opt_in_tags',
    'requires_mfa');
