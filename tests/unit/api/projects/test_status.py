from __future__ import annotations

import itertools

import pytest

from supamanager_api.projects import status
from supamanager_api.projects.status import Condition, View, Word
from supamanager_kube import conditions
from supamanager_kube.conditions import Reason, Type


def view(paused=False, edit=None, gone=False, deleting=False, refused=False, **told: str) -> View:
    """Conditions as `Ready="False/Starting"`."""
    return View(
        gone=gone,
        deleting=deleting,
        paused=paused,
        edit=edit,
        refused=refused,
        conditions={
            kind: Condition(kind, *text.split("/"), f"about {kind}") for kind, text in told.items()
        },
    )


LIVE = {"Initialized": "True/Initialized", "Ready": "True/Active", "Paused": "False/Running"}

TABLE = [
    (view(), Word.COMING_UP),
    (view(Initialized="False/Pending", Ready="False/Provisioning"), Word.COMING_UP),
    (view(Initialized="False/Pending", Ready="False/Starting"), Word.COMING_UP),
    (view(Initialized="False/Pending", Stalled="True/InitFailed"), Word.INIT_FAILED),
    (view(Initialized="False/Pending", Stalled="True/HostConflict"), Word.COMING_UP),
    (view(refused=True), Word.INIT_FAILED),
    (view(**LIVE), Word.ACTIVE_HEALTHY),
    (view(**LIVE, refused=True), Word.ACTIVE_HEALTHY),
    (view(**LIVE, Stalled="True/SecretMissing"), Word.ACTIVE_HEALTHY),
    (view(**LIVE, Reconciling="True/Progressing"), Word.ACTIVE_HEALTHY),
    (view(**LIVE, Reconciling="True/Rotating"), Word.ACTIVE_HEALTHY),
    (view(**LIVE, Reconciling="True/Restarting"), Word.RESTARTING),
    (view(**LIVE, Reconciling="True/Resizing"), Word.RESIZING),
    (view(**LIVE, Reconciling="True/Upgrading"), Word.UPGRADING),
    (view(**LIVE, Reconciling="False/Upgrading"), Word.ACTIVE_HEALTHY),
    (view(**LIVE, edit=Reason.RESIZING), Word.RESIZING),
    (view(**LIVE, edit=Reason.UPGRADING, Reconciling="True/Resizing"), Word.UPGRADING),
    (view(**LIVE, edit=Reason.RESUMING), Word.ACTIVE_HEALTHY),
    (view(**{**LIVE, "Ready": "False/Degraded"}), Word.ACTIVE_UNHEALTHY),
    (view(**{**LIVE, "Ready": "False/Degraded"}, Reconciling="True/Resizing"), Word.RESIZING),
    (view(**{**LIVE, "Ready": "Unknown/Starting"}), Word.ACTIVE_HEALTHY),
    (view(**{**LIVE, "Ready": "False/Starting"}), Word.RESTORING),
    (view(**{**LIVE, "Ready": "False/Paused"}), Word.RESTORING),
    (view(**{**LIVE, "Paused": "True/Requested"}), Word.RESTORING),
    (view(**LIVE, paused=True), Word.PAUSING),
    (view(**{**LIVE, "Paused": "True/Requested"}, paused=True), Word.INACTIVE),
    (view(paused=True), Word.PAUSING),
    (view(**LIVE, deleting=True), Word.GOING_DOWN),
    (view(paused=True, deleting=True, Paused="True/Requested"), Word.GOING_DOWN),
    (view(**LIVE, deleting=True, gone=True), Word.REMOVED),
]


@pytest.mark.parametrize(("seen", "word"), TABLE)
def test_the_word(seen: View, word: Word):
    assert status.word(seen) is word


def every_view():
    """All combinations of what the word depends on."""
    values = ("True", "False", "Unknown", "")
    ready = [f"{value}/{reason}" for value in values[:3] for reason in conditions.REASONS["Ready"]]
    rolls = [f"True/{reason}" for reason in conditions.REASONS["Reconciling"]]
    flags = list(itertools.product((False, True), repeat=4))
    for gone, deleting, paused, refused in flags:
        for initialized, stalled, halted in itertools.product(values, ("True", ""), values):
            for served, roll in itertools.product([*ready, ""], [*rolls, ""]):
                told = {
                    "Initialized": f"{initialized}/x" if initialized else "",
                    "Stalled": "True/InitFailed" if stalled else "",
                    "Paused": f"{halted}/x" if halted else "",
                    "Ready": served,
                    "Reconciling": roll,
                }
                yield view(
                    gone=gone,
                    deleting=deleting,
                    paused=paused,
                    refused=refused,
                    **{kind: text for kind, text in told.items() if text},
                )


def expected(seen: View) -> str:
    """The rules once more, each as one line that must hold alone."""
    initialized = seen.status("Initialized") == "True"
    halted = seen.status("Paused") == "True"
    down = seen.status("Ready") == "False"
    resuming = halted or (down and seen.reason("Ready") in ("Paused", "Starting"))
    roll = {"Restarting": "RESTARTING", "Resizing": "RESIZING", "Upgrading": "UPGRADING"}.get(
        seen.reason("Reconciling")
    )
    rules = [
        (seen.gone, "REMOVED"),
        (seen.deleting, "GOING_DOWN"),
        (seen.paused and halted, "INACTIVE"),
        (seen.paused, "PAUSING"),
        (not initialized and (seen.refused or "Stalled" in seen.conditions), "INIT_FAILED"),
        (not initialized, "COMING_UP"),
        (resuming, "RESTORING"),
        (roll is not None, roll),
        (down, "ACTIVE_UNHEALTHY"),
        (True, "ACTIVE_HEALTHY"),
    ]
    return str(next(word for holds, word in rules if holds))


def test_every_combination():
    words = set()
    for seen in every_view():
        word = status.word(seen)
        words.add(word)
        if word.value != expected(seen):
            raise AssertionError((seen, word, expected(seen)))
    assert words == set(Word)
    assert "UNKNOWN" not in set(Word)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ({}, {"size": "large"}, None),
        ({"size": "small"}, {"size": "large"}, Reason.RESIZING),
        ({"size": "small"}, {"size": "small", "displayName": "x"}, None),
        ({"size": "small"}, {"size": "small", "restart": {"at": "t"}}, Reason.RESTARTING),
        ({"size": "small", "restart": {"at": "s"}}, {"size": "small", "restart": {"at": "t"}},
         Reason.RESTARTING),
        ({"size": "small", "restart": {"at": "s"}}, {"size": "small", "restart": {"at": "s"}},
         None),
        ({"size": "small", "restart": {"at": "s"}}, {"size": "small", "restart": {}}, None),
        ({"size": "small"}, {"size": "large", "restart": {"at": "t"}}, Reason.RESIZING),
        ({"version": "2026.09", "size": "small"}, {"version": "2026.12", "size": "large"},
         Reason.UPGRADING),
    ],
)  # fmt: skip
def test_what_an_edit_comes_to(before, after, reason):
    assert status.edit(before, after) is reason


def test_the_explanation():
    assert status.explanation(view()) is None
    found = status.explanation(view(Ready="False/Starting"))
    assert found is not None
    assert found.reason == "Starting"
    found = status.explanation(view(Ready="False/Starting", Stalled="True/SecretMissing"))
    assert found is not None
    assert (found.type, found.reason) == (Type.STALLED, "SecretMissing")
