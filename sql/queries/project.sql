-- fragment: project
p.id, p.project_ref, p.project_name, p.organization_id, p.status, p.cloud_provider, p.region,
    p.created_at, p.updated_at, p.namespace, p.resource_name, p.resource_uid, p.removed_at,
    p.intent, p.intent_revision, p.organization_label, p.applied_intent, p.applied_revision,
    p.left_out, p.apply_error, p.deletion_requested_at, p.deletion_sent, p.claim,
    p.claimed_until, p.attempt, p.next_attempt_at, p.mirror_epoch, p.resource_version,
    p.organization_seen, p.label_revision, p.label_version, p.generation, p.observed_generation,
    p.deleting, p.live, p.observed, p.endpoints, p.summary, p.facts, p.former_uid

-- name: GetProject :one
SELECT @project, o.slug AS organization_slug
FROM project p LEFT JOIN organizations o ON o.id = p.organization_id
WHERE p.id = $1;

-- name: GetProjects :many
SELECT @project, o.slug AS organization_slug
FROM project p LEFT JOIN organizations o ON o.id = p.organization_id
WHERE p.project_ref = ANY ($1::text[])
ORDER BY p.created_at, p.id;

-- name: LockProject :one
SELECT @project, o.slug AS organization_slug
FROM project p LEFT JOIN organizations o ON o.id = p.organization_id
WHERE p.id = $1
FOR UPDATE OF p;

-- name: GetProjectByRef :one
SELECT @project, o.slug AS organization_slug
FROM project p LEFT JOIN organizations o ON o.id = p.organization_id
WHERE p.project_ref = $1;

-- With what the account is in its organization; of a stranger, nulls.
-- name: EnterProject :one
SELECT @project, o.slug AS organization_slug, m.name AS organization_name, m.role, m.scoped,
    m.billing_email, m.opt_in_tags, m.requires_mfa
FROM project p LEFT JOIN organizations o ON o.id = p.organization_id
LEFT JOIN membership m ON m.organization_id = p.organization_id AND m.account_id = $1
WHERE p.project_ref = $2;

-- name: LockProjectByUid :one
SELECT @project, o.slug AS organization_slug
FROM project p LEFT JOIN organizations o ON o.id = p.organization_id
WHERE p.resource_uid = $1
FOR UPDATE OF p;

-- name: LockProjectByResource :one
SELECT @project, o.slug AS organization_slug
FROM project p LEFT JOIN organizations o ON o.id = p.organization_id
WHERE p.namespace = $1 AND p.resource_name = $2 AND p.removed_at IS NULL
FOR UPDATE OF p;

-- fragment: listed
-- `item` is JSON text, with the names that clients read: a thousand rows are written here in a
-- fraction of the time that Python takes for them.
SELECT p.project_ref, p.project_name, (
    SELECT row_to_json(told)::text FROM (SELECT
        p.id, p.project_ref AS ref, p.project_name AS name, p.organization_id,
        o.slug AS organization_slug, p.status,
        CASE WHEN $10::text[] IS NULL OR upper(p.cloud_provider) = ANY ($10)
            THEN upper(p.cloud_provider) ELSE 'AWS' END AS cloud_provider,
        p.region,
        to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS inserted_at,
        coalesce(p.live ->> 'size', $11::text) AS infra_compute_size
    ) told) AS item, CASE WHEN $8::bigint IS NOT NULL THEN p.created_at END AS created_at
FROM project p LEFT JOIN organizations o ON o.id = p.organization_id
WHERE p.removed_at IS NULL
    AND ((p.organization_id = ANY ($1::integer[]) AND p.project_ref <> ALL ($2::text[]))
        OR p.project_ref = ANY ($3::text[])
        OR (p.organization_id IS NULL AND $4::boolean))
    AND ($5::text IS NULL OR position(lower($5) IN lower(p.project_name)) > 0
        OR p.project_ref = $5)
    AND ($6::text[] IS NULL OR p.status = ANY ($6))
    AND ($14::integer IS NULL OR CASE $7::text
        WHEN 'name_asc' THEN (lower(p.project_name), p.created_at, p.id) > (lower($12::text), $13, $14)
        WHEN 'name_desc' THEN lower(p.project_name) < lower($12)
            OR (lower(p.project_name) = lower($12) AND (p.created_at, p.id) > ($13, $14))
        WHEN 'created_desc' THEN p.created_at < $13 OR (p.created_at = $13 AND p.id > $14)
        ELSE (p.created_at, p.id) > ($13::timestamptz, $14) END)
ORDER BY
    CASE WHEN $7::text = 'name_asc' THEN lower(p.project_name) END ASC,
    CASE WHEN $7::text = 'name_desc' THEN lower(p.project_name) END DESC,
    CASE WHEN $7::text = 'created_desc' THEN p.created_at END DESC,
    p.created_at, p.id
LIMIT $8::bigint OFFSET $9::bigint;

-- name: ListProjects :many
@listed;

-- name: TellProjects :one
-- The same as one text: what stands after the opening brace of each item, with $15 between them.
SELECT string_agg(substr(listed.item, 2), $15::text) AS items
FROM (@listed) listed;

-- name: CountProjects :one
SELECT count(*) AS count
FROM project p
WHERE p.removed_at IS NULL
    AND ((p.organization_id = ANY ($1::integer[]) AND p.project_ref <> ALL ($2::text[]))
        OR p.project_ref = ANY ($3::text[])
        OR (p.organization_id IS NULL AND $4::boolean))
    AND ($5::text IS NULL OR position(lower($5) IN lower(p.project_name)) > 0
        OR p.project_ref = $5)
    AND ($6::text[] IS NULL OR p.status = ANY ($6));

-- name: CreateProject :one
INSERT INTO project (
    project_ref, project_name, organization_id, organization_label, status, cloud_provider, region,
    namespace, resource_name, intent, intent_revision)
VALUES ($1, $2, $3, $4, 'COMING_UP', $5, $6, $7, $8, $9, 1)
RETURNING id;

-- name: AdoptProject :one
INSERT INTO project (
    project_ref, project_name, status, region, namespace, resource_name, resource_uid,
    intent, applied_intent, applied_revision, intent_revision, organization_label, created_at)
VALUES ($1, $2, 'COMING_UP', $3, $4, $5, $6, $7, $7, $8::integer, $8::integer + 1, $9, $10)
ON CONFLICT (namespace, resource_name) WHERE removed_at IS NULL DO NOTHING
RETURNING id;

-- name: RememberIntent :exec
-- The resource knows a newer intent than the row, which comes from a backup. A claim on it is over,
-- and a deletion that was asked for before was taken back since.
UPDATE project
SET intent = $2, applied_intent = $2, intent_revision = $3, applied_revision = $3,
    left_out = '[]', apply_error = NULL, organization_label = $4, label_revision = 0,
    label_version = NULL, deletion_requested_at = NULL, deletion_sent = false,
    claim = claim + 1, claimed_until = NULL, attempt = 0
WHERE id = $1;

-- name: TakeOverProject :exec
-- A resource that was adopted before the request that asked for it was stored.
UPDATE project
SET project_ref = $2, project_name = $3, organization_id = $4, organization_label = $5,
    cloud_provider = $6, region = $7, intent = $8, intent_revision = intent_revision + 1, next_attempt_at = now(),
    attempt = 0
WHERE id = $1;

-- name: SaveIntent :exec
UPDATE project
SET intent = $3, intent_revision = intent_revision + 1, left_out = $4, apply_error = NULL,
    attempt = 0, next_attempt_at = now()
WHERE id = $1 AND intent_revision = $2 AND removed_at IS NULL AND deletion_requested_at IS NULL;

-- name: RequestDeletion :exec
UPDATE project
SET deletion_requested_at = now(), apply_error = NULL, attempt = 0, next_attempt_at = now()
WHERE id = $1 AND removed_at IS NULL AND deletion_requested_at IS NULL;

-- name: CancelDeletion :exec
UPDATE project
SET deletion_requested_at = NULL, apply_error = $3, claimed_until = NULL, attempt = 0
WHERE id = $1 AND claim = $2;

-- name: MarkDeletionSent :exec
UPDATE project
SET deletion_sent = true, claimed_until = NULL, attempt = 0, apply_error = NULL
WHERE id = $1 AND claim = $2;

-- name: MarkRemoved :exec
UPDATE project
SET removed_at = now(), claimed_until = NULL, resource_uid = coalesce(resource_uid, $2, former_uid)
WHERE id = $1 AND removed_at IS NULL;

-- name: ListRetainedProjects :many
-- Those that were made here: of others nobody knows the whole spec.
SELECT p.project_ref, p.project_name, o.slug AS organization_slug, p.region, p.created_at,
    p.removed_at
FROM project p LEFT JOIN organizations o ON o.id = p.organization_id
WHERE p.removed_at IS NOT NULL AND p.resource_uid IS NOT NULL AND p.namespace = $1
    AND p.live ->> 'deletionPolicy' = 'Retain' AND p.intent #> '{spec,deletionPolicy}' IS NOT NULL
    AND ($2::text IS NULL OR p.project_ref = $2)
ORDER BY p.removed_at DESC, p.id DESC
LIMIT $3::bigint OFFSET $4::bigint;

-- name: CountRetainedProjects :one
SELECT count(*) AS count
FROM project p
WHERE p.removed_at IS NOT NULL AND p.resource_uid IS NOT NULL AND p.namespace = $1
    AND p.live ->> 'deletionPolicy' = 'Retain' AND p.intent #> '{spec,deletionPolicy}' IS NOT NULL;

-- name: RestoreProject :exec
-- Nothing is known of the resource that is to be made; what the data was kept under is.
UPDATE project
SET removed_at = NULL, former_uid = resource_uid, resource_uid = NULL,
    intent = $2, intent_revision = intent_revision + 1, applied_intent = '{}', left_out = '[]',
    apply_error = NULL, deletion_requested_at = NULL, deletion_sent = false,
    attempt = 0, next_attempt_at = now(), resource_version = NULL, generation = 0,
    observed_generation = -1, deleting = false, observed = '{}', endpoints = '{}', facts = '{}',
    summary = NULL, live = jsonb_build_object('deletionPolicy', live -> 'deletionPolicy')
WHERE id = $1 AND removed_at IS NOT NULL AND resource_uid = $3;

-- name: GetProjectByFormerUid :one
SELECT id FROM project WHERE former_uid = $1;

-- name: ReviveProject :exec
UPDATE project SET removed_at = NULL, resource_version = NULL WHERE id = $1;

-- name: BindProject :exec
UPDATE project SET resource_uid = $2 WHERE id = $1 AND resource_uid IS NULL;

-- name: ClaimProject :one
UPDATE project
SET claim = claim + 1, attempt = attempt + 1,
    claimed_until = now() + make_interval(secs => $1)
WHERE id = (
    SELECT id FROM project
    WHERE removed_at IS NULL
        AND (intent_revision > applied_revision
            OR (deletion_requested_at IS NOT NULL AND NOT deletion_sent))
        AND next_attempt_at <= now()
        AND (claimed_until IS NULL OR claimed_until < now())
    ORDER BY next_attempt_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED)
RETURNING id;

-- name: FinishApply :exec
UPDATE project
SET resource_uid = coalesce(resource_uid, $4),
    intent = CASE WHEN intent_revision = $3 THEN $5 ELSE intent END,
    left_out = CASE WHEN intent_revision = $3 THEN $6 ELSE left_out END,
    apply_error = CASE WHEN intent_revision = $3 THEN $7 ELSE apply_error END,
    label_version = CASE WHEN label_revision > applied_revision AND label_revision <= $3 THEN $11
        ELSE label_version END,
    applied_intent = $8,
    applied_revision = $3,
    live = CASE WHEN generation <= $9 THEN $10 ELSE live END,
    generation = greatest(generation, $9),
    claimed_until = NULL, attempt = 0
WHERE id = $1 AND claim = $2 AND removed_at IS NULL;

-- name: RefuseIntent :exec
UPDATE project
SET applied_revision = $3, claimed_until = NULL, attempt = 0,
    apply_error = CASE WHEN intent_revision = $3 THEN $4 ELSE apply_error END
WHERE id = $1 AND claim = $2;

-- name: ReturnProject :exec
-- The label of a transfer was refused: the project is again whose it is in the cluster.
UPDATE project AS p
SET organization_id = o.id, organization_label = o.slug, label_revision = 0, label_version = NULL,
    updated_at = now()
FROM organizations AS o
WHERE p.id = $1 AND p.label_revision = $2 AND o.slug = p.organization_seen;

-- name: PostponeProject :exec
UPDATE project
SET claimed_until = NULL, next_attempt_at = now() + make_interval(secs => $3),
    apply_error = coalesce($4, apply_error)
WHERE id = $1 AND claim = $2;

-- name: GetWantedProject :one
SELECT id
FROM project
WHERE id = $1 AND claim = $2 AND deletion_requested_at IS NULL;

-- name: HurryProjects :exec
UPDATE project SET next_attempt_at = now()
WHERE removed_at IS NULL AND next_attempt_at > now()
    AND (intent_revision > applied_revision
        OR (deletion_requested_at IS NOT NULL AND NOT deletion_sent));

-- name: CountPendingProjects :one
SELECT count(*) AS count FROM project
WHERE removed_at IS NULL
    AND (intent_revision > applied_revision
        OR (deletion_requested_at IS NOT NULL AND NOT deletion_sent));

-- name: MirrorProject :exec
UPDATE project
SET organization_id = $2, organization_seen = $3, mirror_epoch = $4,
    resource_version = $5, generation = $6::bigint, observed_generation = $7::bigint, deleting = $8, live = $9,
    observed = CASE WHEN $7::bigint >= $6::bigint THEN $9 ELSE observed END,
    endpoints = $10, facts = $11, summary = $12
WHERE id = $1;

-- name: ClaimForOrganization :exec
UPDATE project SET organization_id = $2, updated_at = now() WHERE id = $1;

-- name: LabelProject :exec
UPDATE project
SET organization_label = $2, intent_revision = intent_revision + 1, next_attempt_at = now()
WHERE id = $1;

-- name: ListMirroredProjects :many
SELECT p.id, p.namespace, p.resource_uid, p.organization_id, p.organization_label,
    p.organization_seen, p.resource_version, p.label_revision, p.label_version, p.applied_revision
FROM project p
WHERE p.removed_at IS NULL AND p.resource_uid IS NOT NULL
    AND ($1::text IS NULL OR p.namespace = $1);

-- name: SetProjectStatus :exec
UPDATE project SET status = $2, project_name = $3, updated_at = now()
WHERE id = $1 AND (status <> $2 OR project_name <> $3);

-- name: NotifyChange :one
SELECT p.id FROM project AS p, pg_notify('project_changed', $1::integer::text) WHERE p.id = $1;

-- name: NotifyWork :one
SELECT p.id FROM project AS p, pg_notify('project_work', $1::integer::text) WHERE p.id = $1;

-- name: ListProjectsLeft :many
SELECT project_ref, project_name FROM project
WHERE organization_id = $1 AND removed_at IS NULL
ORDER BY id;

-- name: DisownRemovedProjects :exec
UPDATE project SET organization_id = NULL
WHERE organization_id = $1 AND removed_at IS NOT NULL;

-- name: TransferProject :exec
UPDATE project
SET organization_id = $4, organization_label = $5, intent_revision = intent_revision + 1,
    label_revision = intent_revision + 1, apply_error = NULL, attempt = 0,
    next_attempt_at = now(), updated_at = now()
WHERE id = $1 AND intent_revision = $2 AND organization_id = $3 AND removed_at IS NULL
    AND deletion_requested_at IS NULL;

-- name: ListProjectsOfOrganization :many
SELECT @project, o.slug AS organization_slug
FROM project p LEFT JOIN organizations o ON o.id = p.organization_id
WHERE p.organization_id = $1 AND p.removed_at IS NULL;
