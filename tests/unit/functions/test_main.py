"""The functions' main service, run by Node with stand-ins for the edge runtime's globals."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from supamanager_dev import npm

DRIVER = Path(__file__).with_name("driver.mjs")
MAIN = Path(__file__).parents[3] / "manifests" / "functions" / "main"

SECRET = "a secret of at least thirty-two characters"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NOW = int(time.time())


def _jwk(algorithm, key, **members):
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), **members}


JWKS = {
    "keys": [
        _jwk(ECAlgorithm, EC_KEY, kid="ec", alg="ES256", use="sig", key_ops=["verify"], ext=True),
        _jwk(RSAAlgorithm, RSA_KEY, kid="rsa", alg="RS256", use="sig"),
        {"kty": "oct", "k": base64.urlsafe_b64encode(SECRET.encode()).decode(), "alg": "HS256"},
    ]
}
ENVIRONMENT = {
    "JWT_SECRET": SECRET,
    "SUPABASE_JWKS": json.dumps(JWKS),
    "VERIFY_JWT": "true",
    "MY_SECRET": "for my function",
}


def _token(key: Any = SECRET, algorithm: str = "HS256", *, kid: str | None = None, **claims: Any):
    claims = {"role": "anon", "exp": NOW + 3600, **claims}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm, headers={"kid": kid} if kid else None)


def _serve(*requests: dict[str, Any], env: dict[str, str | None] | None = None, **options: Any):
    environment = {**ENVIRONMENT, **(env or {})}
    job = {
        "service": str(MAIN / "index.ts"),
        "env": {name: value for name, value in environment.items() if value is not None},
        "folders": [f"/home/deno/functions/{name}" for name in ("hello", "main", "_shared")],
        "requests": requests,
        **options,
    }
    result = subprocess.run(
        [str(npm.NODE), str(DRIVER)],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
        timeout=30,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def _call(authorization: str | None, path: str = "/hello", **request: Any) -> dict[str, Any]:
    headers = {} if authorization is None else {"Authorization": authorization}
    return {"path": path, "headers": headers, **request}


def _unsigned(algorithm: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).rstrip(b"=")
    return f"{header.decode()}.{_token().split('.')[1]}.AAAA"


def test_good_tokens_reach_the_function():
    tokens = [
        _token(),
        _token(exp=None),
        _token(nbf=NOW - 1),
        _token(kid="of the issuer"),
        _token(EC_KEY, "ES256", kid="ec"),
        _token(EC_KEY, "ES256"),
        _token(RSA_KEY, "RS256", kid="rsa"),
    ]
    served = _serve(*(_call(f"Bearer {token}", "/hello/deep?x=1") for token in tokens))
    for answer in served["answers"]:
        assert answer["status"] == 200
        assert answer["body"] == {
            "worker": "/home/deno/functions/hello",
            "url": "http://functions/hello/deep?x=1",
        }


def test_the_worker_gets_what_it_may_use():
    served = _serve(_call(f"bearer {_token()}"))
    assert served["created"] == [
        {
            "servicePath": "/home/deno/functions/hello",
            "memoryLimitMb": 150,
            "workerTimeoutMs": 60_000,
            "noModuleCache": False,
            "importMapPath": None,
            "envVars": [[name, value] for name, value in ENVIRONMENT.items()],
        }
    ]


FOREIGN_EC_KEY = ec.generate_private_key(ec.SECP256R1())
REFUSED = {
    "no header": (None, "NO_AUTH_HEADER"),
    "an empty header": ("", "NO_AUTH_HEADER"),
    "another scheme": (f"Basic {_token()}", "INVALID_JWT_FORMAT"),
    "two tokens": (f"Bearer {_token()} {_token()}", "INVALID_JWT_FORMAT"),
    "an opaque key": ("Bearer sb_secret_AAAAAAAAAAAAAAAAAAAAAA_AAAAAAAA", "INVALID_JWT_FORMAT"),
    "two parts": (f"Bearer {_token().rpartition('.')[0]}", "INVALID_JWT_FORMAT"),
    "no JSON": ("Bearer YWJj.YWJj.YWJj", "INVALID_JWT_FORMAT"),
    "a list as header": ("Bearer W10.W10.AAAA", "INVALID_JWT_FORMAT"),
    "null as header": ("Bearer bnVsbA.bnVsbA.AAAA", "INVALID_JWT_FORMAT"),
    "padding": ("Bearer e30=.e30=.AAAA", "INVALID_JWT_FORMAT"),
    "another secret": (f"Bearer {_token('another secret of thirty-two characters')}", "LEGACY_JWT"),
    "expired": (f"Bearer {_token(exp=NOW - 1)}", "LEGACY_JWT"),
    "exp is no number": (f"Bearer {_unsigned('HS256')}", "LEGACY_JWT"),
    "not yet": (f"Bearer {_token(nbf=NOW + 3600)}", "LEGACY_JWT"),
    "a cut signature": (f"Bearer {_token()[:-2]}", "LEGACY_JWT"),
    "ES256, expired": (
        f"Bearer {_token(EC_KEY, 'ES256', kid='ec', exp=NOW - 1)}",
        "ASYMMETRIC_JWT",
    ),
    "ES256, another kid": (f"Bearer {_token(EC_KEY, 'ES256', kid='other')}", "ASYMMETRIC_JWT"),
    "ES256, the kid of RSA": (f"Bearer {_token(EC_KEY, 'ES256', kid='rsa')}", "ASYMMETRIC_JWT"),
    "ES256, another key": (f"Bearer {_token(FOREIGN_EC_KEY, 'ES256', kid='ec')}", "ASYMMETRIC_JWT"),
    "RS256, no signature": (f"Bearer {_unsigned('RS256')}", "ASYMMETRIC_JWT"),
    "no algorithm": (f"Bearer {_unsigned('none')}", "UNSUPPORTED_TOKEN_ALGORITHM"),
    "HS512": (
        f"Bearer {_token(SECRET * 2, 'HS512')}",
        "UNSUPPORTED_TOKEN_ALGORITHM",
    ),
    "a property of objects": (f"Bearer {_unsigned('toString')}", "UNSUPPORTED_TOKEN_ALGORITHM"),
}


@pytest.fixture(scope="module")
def refusals():
    served = _serve(*(_call(authorization) for authorization, _ in REFUSED.values()))
    assert served["created"] == []
    return dict(zip(REFUSED, served["answers"], strict=True))


@pytest.mark.parametrize("name", REFUSED)
def test_bad_tokens_are_refused(refusals, name):
    answer, code = refusals[name], f"UNAUTHORIZED_{REFUSED[name][1]}"
    assert answer["status"] == 401
    assert answer["headers"]["sb-error-code"] == code
    assert answer["headers"]["content-type"] == "application/json"
    assert answer["body"]["code"] == code
    assert answer["body"]["message"] == answer["body"]["msg"]


def test_the_public_key_is_no_hmac_secret():
    """A token that is signed with a public key as if that were the secret."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"ec"}').rstrip(b"=").decode()
    payload = _token().split(".")[1]
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        f"{header}.{payload}".encode(), json.dumps(JWKS["keys"][0]).encode()
    )
    encoded = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    served = _serve(_call(f"Bearer {header}.{payload}.{encoded}"))
    assert served["answers"][0]["body"]["code"] == "UNAUTHORIZED_LEGACY_JWT"


@pytest.mark.parametrize(
    ("env", "token", "code"),
    [
        ({"JWT_SECRET": None}, _token(), "LEGACY_JWT"),
        ({"SUPABASE_JWKS": None}, _token(EC_KEY, "ES256", kid="ec"), "ASYMMETRIC_JWT"),
        ({"SUPABASE_JWKS": "no JSON"}, _token(EC_KEY, "ES256", kid="ec"), "ASYMMETRIC_JWT"),
        ({"SUPABASE_JWKS": '{"keys": 1}'}, _token(EC_KEY, "ES256", kid="ec"), "ASYMMETRIC_JWT"),
        (
            {"SUPABASE_JWKS": '{"keys":[{"kty":"EC","alg":"ES256","kid":"ec","crv":"P-256"}]}'},
            _token(EC_KEY, "ES256", kid="ec"),
            "ASYMMETRIC_JWT",
        ),
    ],
)
def test_missing_or_broken_keys_refuse(env, token, code):
    served = _serve(_call(f"Bearer {token}"), env=env)
    assert served["answers"][0]["status"] == 401
    assert served["answers"][0]["body"]["code"] == f"UNAUTHORIZED_{code}"


@pytest.mark.parametrize("value", ["false", None, ""])
def test_without_verification_everybody_may_call(value):
    served = _serve(_call(None), _call("Bearer nonsense"), env={"VERIFY_JWT": value})
    assert [answer["status"] for answer in served["answers"]] == [200, 200]


def test_preflight_passes():
    served = _serve(_call(None, method="OPTIONS"))
    assert served["answers"][0]["status"] == 200


def test_health_needs_no_token():
    served = _serve(_call(None, "/_internal/health"))
    assert (served["answers"][0]["status"], served["answers"][0]["body"]) == (
        200,
        {"message": "ok"},
    )
    assert served["created"] == []


def test_no_function_name():
    served = _serve(_call(f"Bearer {_token()}", "/"), _call(f"Bearer {_token()}", "//hello"))
    for answer in served["answers"]:
        assert (answer["status"], answer["body"]["msg"]) == (
            400,
            "missing function name in request",
        )


@pytest.mark.parametrize(
    "path",
    [
        "/absent",
        "/main",
        "/main/x",
        "/_shared",
        "/..%2Fetc",
        "/hello%2F..%2Fmain",
        "/he.llo",
        "/%00",
    ],
)
def test_unknown_functions(path):
    served = _serve(_call(f"Bearer {_token()}", path))
    assert served["answers"][0]["status"] == 404
    assert served["answers"][0]["body"]["code"] == "NOT_FOUND"
    assert served["created"] == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"failure": "create"}, "Error: the worker did not boot"),
        ({"failure": "fetch"}, "Error: the worker was cancelled"),
        ({"unreadable": "/home/deno/functions/hello"}, "Error: permission denied"),
    ],
)
def test_a_failing_worker(options, message):
    served = _serve(_call(f"Bearer {_token()}"), **options)
    answer = served["answers"][0]
    assert answer["status"] == 500
    assert answer["headers"]["content-type"] == "application/json"
    assert answer["body"]["msg"] == message


def test_nothing_is_fetched():
    sources = {path.name: path.read_text() for path in MAIN.iterdir()}
    assert set(sources) == {"index.ts", "jwt.ts"}
    for source in sources.values():
        assert "http:" not in source
        assert "https:" not in source
        assert "jsr:" not in source
        assert "npm:" not in source
