"""Run in the process that the tests fork: a password costs a hundredth of what it costs elsewhere.

Half of what the tests of the API compute would be Argon2id otherwise. What it costs, and what it
costs for nobody, is tested with processes that are no forks.
"""

from supamanager_api.accounts import passwords

CHEAP = {"MEMORY_KIB": 1024, "PASSES": 1}

real = f"m={passwords.MEMORY_KIB},t={passwords.PASSES},"
for name, value in CHEAP.items():
    setattr(passwords, name, value)
assert real in passwords._NOBODY
passwords._NOBODY = passwords._NOBODY.replace(
    real, f"m={passwords.MEMORY_KIB},t={passwords.PASSES},"
)
