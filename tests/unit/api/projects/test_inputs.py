from __future__ import annotations

import pytest

from supamanager_api.projects import inputs

REF, KEY, VALUE = "a" * 20, inputs.DATABASE_PASSWORD, "päss word"


def test_sealed_and_opened():
    vault = inputs.Vault("s" * 40)
    sealed = vault.seal(VALUE, ref=REF, key=KEY)
    assert VALUE.encode() not in sealed
    assert sealed != vault.seal(VALUE, ref=REF, key=KEY)
    assert inputs.Vault("s" * 40).open(sealed, ref=REF, key=KEY) == VALUE


@pytest.mark.parametrize(
    ("secret", "ref", "key"),
    [("t" * 40, REF, KEY), ("s" * 40, "b" * 20, KEY), ("s" * 40, REF, "smtp-password")],
)
def test_only_what_it_was_sealed_for_opens_it(secret, ref, key):
    sealed = inputs.Vault("s" * 40).seal(VALUE, ref=REF, key=KEY)
    with pytest.raises(inputs.Unreadable, match="another ENCRYPTION_SECRET") as raised:
        inputs.Vault(secret).open(sealed, ref=ref, key=key)
    assert VALUE not in str(raised.value)
