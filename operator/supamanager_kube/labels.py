"""The resource's identity, and every label, annotation, finalizer and field manager in use."""

from __future__ import annotations

from typing import Final

GROUP: Final = "supamanager.io"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "SupabaseProject"
PLURAL: Final = "supabaseprojects"

MANAGER_OPERATOR: Final = "supamanager-operator"
"""Field manager of every child."""
MANAGER_STATUS: Final = "supamanager-operator-status"
"""Field manager of the resource's status."""
MANAGER_API: Final = "supamanager-api"
"""Field manager of the fields that the management API sets on the resource."""

FINALIZER: Final = f"{GROUP}/project-cleanup"

NAME: Final = "app.kubernetes.io/name"
INSTANCE: Final = "app.kubernetes.io/instance"
COMPONENT: Final = "app.kubernetes.io/component"
PART_OF: Final = "app.kubernetes.io/part-of"
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
MANAGED_BY_VALUE: Final = "supamanager"
PART_OF_VALUE: Final = "supabase"

PROJECT: Final = f"{GROUP}/project"
"""On every child and pod: the resource's name. Policies and selectors use this key and
COMPONENT's twin below, never a key that a user may set."""
PROJECT_COMPONENT: Final = f"{GROUP}/component"
"""On every child of a component, and on its pods."""
PROJECT_UID: Final = f"{GROUP}/project-uid"
"""On every child: the resource's uid."""

REF: Final = f"{GROUP}/ref"
"""On the resource: its ref, written by the management API."""
ORGANIZATION: Final = f"{GROUP}/organization"
"""On the resource: the slug of the organization it belongs to."""
INTENT_REVISION: Final = f"{GROUP}/intent-revision"
"""On the resource, an annotation: the number of the intent of the management API that was applied
last. A database that knows only an older one was restored from a backup."""
ORGANIZATIONS: Final = f"{GROUP}/organizations"
"""On a namespace, an annotation: the slugs its resources may choose among, or `*`."""

SIZE: Final = f"{GROUP}/size"
"""On a Deployment or StatefulSet: the `spec.size` that its pods were last rendered for."""
RELEASE: Final = f"{GROUP}/release"
"""On `<p>-database`: the stack release that the project runs."""
POSTGRES_VERSION: Final = f"{GROUP}/postgres-version"
"""On the database volume: the major version of its data directory."""
RETAINED_FROM: Final = f"{GROUP}/retained-from"
"""On a Secret or volume that outlived its project: the uid of that project."""
RETAINED_AT: Final = f"{GROUP}/retained-at"
"""Beside RETAINED_FROM: the Unix time of the deletion, in seconds."""

APPLIED_HASH: Final = f"{GROUP}/applied-hash"
"""Annotation of every child: the hash of the rendering that was applied last."""
CHECKSUM: Final = f"{GROUP}/checksum"
"""Annotation of a pod template: the keyed hash of the Secret and ConfigMap content it reads."""
RESTARTED_AT: Final = f"{GROUP}/restarted-at"
"""Annotation of a pod template: the `spec.restart` that its pods were last restarted for."""
INITIALIZED: Final = f"{GROUP}/initialized"
"""Annotation of `<p>-database`: which database the init Job and the first start have completed
on: the uid of its volume."""
BROUGHT: Final = f"{GROUP}/brought"
"""Annotation of a Secret of a project: `true` says that it was there before the operator wrote to
it. Such a one outlives its project, whatever the policy."""
RECONCILE: Final = f"{GROUP}/reconcile"
"""Annotation of the resource: `disabled` stops every write but status."""
FORCE_DELETE: Final = f"{GROUP}/force-delete"
"""Annotation of the resource: `true` removes the finalizer though the cleanup is blocked."""
