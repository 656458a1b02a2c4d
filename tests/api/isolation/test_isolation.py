"""Every route, asked by everybody who may knock: the table of this folder is what must come out."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable

import jwt
import pytest

from asgi import Answer
from isolation import ACCOUNT, PLATFORM, PUBLIC, Line, Person, Stage, mixtures, nowhere, routes
from supamanager_api import app, permissions
from supamanager_api.http.permissions import ROUTES, Member, Open
from supamanager_api.permissions import Grant, Policy, Role

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNKNOWN = {"Organization not found", "Project not found"}


def prefixes(line: Line) -> list[tuple[str, str]]:
    """Under which other prefixes the line's route is found: what is replaced, and by what."""
    return [
        (mounted.prefixes[0], prefix)
        for mounted in app.ROUTERS
        if line.route in routes(mounted)
        for prefix in mounted.prefixes
    ]


def told(answer: Answer) -> str:
    """What a failure says, in either dialect."""
    body = answer.json()
    return str(body.get("message") or body["msg"])


async def test_who_is_not_signed_in_gets_nothing(
    lines: list[Line], stage: Stage, figure: Callable[[str], None]
):
    """Nobody, and whoever has a token that is false, over, of a session that has ended, or of
    another kind of signature."""
    owner = stage.members[Role.OWNER]
    world = await stage.world(stage.members)
    past = int(time.time()) - 1
    unsigned = jwt.encode(owner.claims, None, "none")
    tokens = {
        "nobody": None,
        "rubbish": "x",
        "unsigned": unsigned,
        "forged": Person(owner.claims, "another-secret-of-sufficient-length-0").token(),
        "expired": owner.token(exp=past, iat=past - 3600),
        "foreign audience": owner.token(aud="anon"),
        "session of another account": owner.token(
            session_id=stage.members[Role.READ_ONLY].claims["session_id"]
        ),
        "ended": await stage.ended(owner),
    }
    asked = 0
    for line in lines:
        if line.who == PUBLIC:
            continue
        values = {**nowhere(line.places), **world.values}
        for prefix in prefixes(line):
            request = line.request(values, prefix=prefix)
            for name, token in tokens.items():
                answer = await stage.ask(request, token)
                gotrue = request.target.startswith("/auth/") and prefix[0] == "/auth/v1"
                expected = 403 if gotrue and token else 401
                assert answer.status == expected, (request, name, answer.text)
                assert told(answer)
                asked += 1
    figure(f"{asked} requests of nobody")


async def test_a_stranger_finds_nothing(
    lines: list[Line], stage: Stage, figure: Callable[[str], None]
):
    """The owner of another organization is answered as if ours did not exist: in paths, queries
    and bodies, also when only one of the names in a request is ours."""
    stranger = await stage.person(stage.members[Role.OWNER])
    ours = await stage.world(stage.members)
    asked = 0
    for line in lines:
        if line.who in (PUBLIC, ACCOUNT, PLATFORM):
            continue
        theirs = await stage.world({Role.OWNER: stranger})
        places = line.places
        assert places, f"{line} names no organization, but not everybody may"
        found = await stage.furnish(ours, line)
        there = {name: found[name] for name in places}
        mine = await stage.furnish(theirs, line)
        here = {name: mine[name] for name in places}
        for prefix in prefixes(line):
            nothing = await stage.ask(
                line.request(nowhere(places), prefix=prefix), stranger.token()
            )
            foreign = await stage.ask(line.request(there, prefix=prefix), stranger.token())
            assert foreign.status == nothing.status == 404, (line, foreign.text, nothing.text)
            assert foreign.text == nothing.text, line
            asked += 1
            for mixed in mixtures(here, there):
                answer = await stage.ask(line.request(mixed, prefix=prefix), stranger.token())
                assert answer.status == 404, (line, mixed, answer.text)
                asked += 1
    figure(f"{asked} requests of strangers")


async def test_each_role_may_what_the_table_says(
    lines: list[Line], stage: Stage, figure: Callable[[str], None]
):
    """With the token of a session and with a personal one, which is asked for nothing else than
    what the person may."""
    asked = 0
    tokens = {
        role: (person.token(), await stage.personal(person))
        for role, person in stage.members.items()
    }
    for line in lines:
        if line.who in (PUBLIC, ACCOUNT, PLATFORM):
            continue
        shared = await stage.world(stage.members)
        values = await stage.furnish(shared, line)
        for role in stage.members.keys() - line.may:
            for prefix, token in itertools.product(prefixes(line), tokens[role]):
                answer = await stage.ask(line.request(values, prefix=prefix), token)
                assert answer.status == 403, (line, role, answer.status, answer.text)
                assert "lacks" in told(answer)
                asked += 1
        for role, number in itertools.product(line.may, (0, 1)):
            if line.method != "GET":
                shared = await stage.world(stage.members)
                values = await stage.furnish(shared, line)
            answer = await stage.ask(line.request(values), tokens[role][number])
            let_in(line, answer, role)
            asked += 1
    figure(f"{asked} requests of members")


async def test_what_is_for_everybody_is_answered(lines: list[Line], stage: Stage):
    someone = stage.members[Role.OWNER]
    personal = await stage.personal(someone)
    for line in lines:
        if line.who not in (PUBLIC, ACCOUNT):
            continue
        if ROUTES[line.route] in (Open.SESSION, Open.FIRST_FACTOR):
            answer = await stage.ask(line.request(nowhere(line.places)), personal)
            assert answer.status == 403, (line, answer.status, answer.text)
            assert "sign in" in told(answer)
        elif line.who == ACCOUNT and line.method == "GET":
            let_in(line, await stage.ask(line.request(nowhere(line.places)), personal), "a token")
        person = someone if line.method == "GET" else await stage.person(someone)
        token = person.token() if line.who == ACCOUNT else None
        values = nowhere(line.places)
        let_in(line, await stage.ask(line.request(values), token), "anybody")


async def test_what_is_the_platforms_is_nobody_elses(lines: list[Line], stage: Stage):
    """Whatever the request names, owners of its organization included."""
    world = await stage.world(stage.members)
    for line in lines:
        if line.who != PLATFORM:
            continue
        for values in (world.values, nowhere(line.places)):
            for person in stage.members.values():
                answer = await stage.ask(line.request(values), person.token())
                assert answer.status == 403, (line, answer.text)


def let_in(line: Line, answer: Answer, who: object) -> None:
    """The request was let through: whatever became of it, it was not for lack of rights."""
    if line.status is not None:
        assert answer.status == line.status, (line, who, answer.status, answer.text)
        return
    assert answer.status not in (401, 403, 405, 500), (line, who, answer.status, answer.text)
    if answer.status == 404:
        assert told(answer) not in UNKNOWN, (line, who, answer.text)


async def test_a_changed_table_changes_what_is_told_and_what_is_done(
    lines: list[Line], stage: Stage, figure: Callable[[str], None]
):
    """Each permission of the table of routes is taken from the owner in turn."""
    needed: dict[permissions.Permission, list[Line]] = {}
    for line in lines:
        access = ROUTES[line.route]
        if isinstance(access, Member):
            needed.setdefault(access.permission, []).append(line)
    owner = stage.members[Role.OWNER]
    world = await stage.world(stage.members)
    for permission, concerned in needed.items():
        taken = Grant((permission.action,), (permission.resource,), restrictive=True)
        policy = Policy({Role.OWNER: (Grant(("%",), ("%",)), taken)})
        requests = [(line, line.request(await stage.furnish(world, line))) for line in concerned]
        with stage.policy(policy):
            request = Line("GET", "/platform/profile/permissions", ACCOUNT, {}, None, 200).request(
                {}
            )
            entries = (await stage.ask(request, owner.token())).json()
            mine = [each for each in entries if each["organization_slug"] == world.values["slug"]]
            assert [(each["actions"], each["resources"], each["restrictive"]) for each in mine] == [
                (["%"], ["%"], False),
                ([permission.action], [permission.resource], True),
            ]
            for line, asked in requests:
                answer = await stage.ask(asked, owner.token())
                assert answer.status == 403, (line, answer.text)
                assert str(permission) in told(answer), line
    figure(f"{len(needed)} permissions, {sum(map(len, needed.values()))} requests")


async def test_without_grants_nobody_may_anything(lines: list[Line], stage: Stage, configuration):
    world = await stage.world(stage.members)
    application = app.create_app(configuration, policy=Policy({}))
    async with application.router.lifespan_context(application):
        bare = Stage(application, secret=stage.secret)
        for line in lines:
            if line.may:
                values = await stage.furnish(world, line)
                answer = await bare.ask(line.request(values), stage.members[Role.OWNER].token())
                assert answer.status == 403, (line, json.dumps(told(answer)))
