from __future__ import annotations

import asyncio

import argon2
import pytest

from supamanager_api import errors
from supamanager_api.accounts import passwords


@pytest.fixture
def hasher():
    made = passwords.Passwords()
    yield made
    made.close()


@pytest.mark.parametrize("password", ["Abcdef1!", "Ünïcode-Paß1", "Aa1!" * 18])
def test_accepted(password: str):
    passwords.check(password)


@pytest.mark.parametrize(
    "password",
    ["", "Abcde1!", "abcdefg1!", "ABCDEFG1!", "Abcdefgh!", "Abcdefgh1", "Aa1!" * 18 + "x"],
)
def test_refused(password: str):
    with pytest.raises(errors.Invalid, match="8 to 72 characters") as caught:
        passwords.check(password)
    assert caught.value.code == "weak_password"


async def test_hash_and_verify(hasher: passwords.Passwords):
    stored = await hasher.hash("Abcdef1!")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=2$")
    assert argon2.extract_parameters(stored).salt_len == 16
    assert await hasher.verify("Abcdef1!", stored)
    assert not await hasher.verify("Abcdef1?", stored)
    assert not hasher.outdated(stored)
    assert stored != await hasher.hash("Abcdef1!")


async def test_nobody_has_no_password(hasher: passwords.Passwords):
    assert not await hasher.verify("Abcdef1!", None)
    assert not await hasher.verify("", None)


def test_other_parameters_are_outdated(hasher: passwords.Passwords):
    weaker = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    assert hasher.outdated(weaker.hash("Abcdef1!"))


async def test_a_crowd_is_refused(hasher: passwords.Passwords, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(passwords, "_WAITING", 2)
    results = await asyncio.gather(
        *(hasher.verify("x", None) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, errors.TooManyRequests) for result in results) == 2
    assert not await hasher.verify("x", None)
