from __future__ import annotations

import pytest

from supamanager_api.projects import gitops
from supamanager_api.projects.ownership import Allowance


@pytest.mark.parametrize(
    ("annotation", "label", "claimed"),
    [
        (None, None, None),
        (None, "a", None),
        ("", "a", None),
        ("*", None, None),
        ("*", "a", "a"),
        ("a", None, "a"),
        ("a", "a", "a"),
        ("a", "b", None),
        (" a , b,", "b", "b"),
        ("a,b", None, None),
        ("a,*", "c", "c"),
    ],
)
def test_claim(annotation, label, claimed):
    assert Allowance.parse(annotation).claim(label) == claimed


@pytest.mark.parametrize(
    ("labels", "annotations", "tool"),
    [
        ({}, {}, None),
        (None, None, None),
        ({"app.kubernetes.io/instance": "x"}, {}, "Argo CD"),
        ({"app.kubernetes.io/instance": "x"}, {"meta.helm.sh/release-name": "x"}, None),
        ({"argocd.argoproj.io/instance": "x"}, {}, "Argo CD"),
        ({}, {"argocd.argoproj.io/tracking-id": "x"}, "Argo CD"),
        ({"kustomize.toolkit.fluxcd.io/name": "x"}, {}, "Flux"),
        ({"helm.toolkit.fluxcd.io/name": "x"}, {"meta.helm.sh/release-name": "x"}, "Flux"),
    ],
)
def test_the_tool_that_manages_it(labels, annotations, tool):
    assert gitops.manager({"labels": labels, "annotations": annotations}) == tool
