from __future__ import annotations

from pathlib import Path

import pytest

from supamanager_api import errors, settings

JWT = "b1Zk8s0Qe7LxV3mJw9Tg5HnYc2Rd6PuA"
SEAL = "Xq4Nf7Wt0Kz9Gy2Ls5Bv8Dm1Cj6Hr3Ep"


def environment(**changes: str | None) -> dict[str, str]:
    values: dict[str, str | None] = {
        "DATABASE_URL": "postgresql://api:hidden@localhost/db",
        "JWT_SECRET": JWT,
        "ENCRYPTION_SECRET": SEAL,
        "DOMAIN_BASE": "projects.example.com",
        "DOMAIN_STUDIO_URL": "https://studio.example.com",
        "PATH": "/bin",
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def refusal(**changes: str | None) -> str:
    with pytest.raises(errors.SettingsError) as caught:
        settings.read(environment(**changes))
    return str(caught.value)


def test_defaults():
    read = settings.read(environment())
    assert read.port == 8080
    assert read.allow_signup is False
    assert read.projects_namespace == "supamanager-projects"
    assert read.watch_namespaces == ("supamanager-projects",)
    assert read.platform_admins == frozenset()
    assert read.deletion_policy == "Retain"
    assert read.service_url_template == "http://{project}-{component}.{namespace}.svc:{port}"
    assert len(read.regions) == 1


def test_values_are_read():
    read = settings.read(
        environment(
            PORT="9000",
            ALLOW_SIGNUP="true",
            DOMAIN_BASE="Projects.Example.com.",
            DOMAIN_STUDIO_URL="https://studio.example.com/",
            PROJECTS_NAMESPACE="tenants",
            WATCH_NAMESPACES="tenants, team-a,tenants",
            REGIONS='{"eu": {"name": "Europe", "nodeSelector": {"zone": "eu"}}}',
            PLATFORM_ADMINS="Root@example.com, ops@example.com",
            DELETION_POLICY="Delete",
        )
    )
    assert read.port == 9000
    assert read.allow_signup is True
    assert read.domain_base == "projects.example.com"
    assert read.domain_studio_url == "https://studio.example.com"
    assert read.watch_namespaces == ("tenants", "team-a")
    assert read.regions["eu"].name == "Europe"
    assert read.platform_admins == {"root@example.com", "ops@example.com"}
    assert read.deletion_policy == "Delete"


def test_watched_namespaces_follow_the_projects_namespace():
    assert settings.read(environment(PROJECTS_NAMESPACE="here")).watch_namespaces == ("here",)
    assert settings.read(environment(WATCH_NAMESPACES="a,*")).watch_namespaces == ("*",)


def test_settings_are_frozen():
    read = settings.read(environment())
    with pytest.raises(ValueError, match="frozen"):
        read.port = 1


def test_secrets_do_not_show():
    text = repr(settings.read(environment()))
    assert JWT not in text
    assert SEAL not in text
    assert "hidden" not in text


def test_every_setting_has_a_description():
    for name, field in settings.Settings.model_fields.items():
        assert field.description, name


@pytest.mark.parametrize(
    "name",
    ["DATABASE_URL", "JWT_SECRET", "ENCRYPTION_SECRET", "DOMAIN_BASE", "DOMAIN_STUDIO_URL"],
)
@pytest.mark.parametrize("absent", [None, ""])
def test_missing(name: str, absent: str | None):
    assert f"{name} is missing" in refusal(**{name: absent})


@pytest.mark.parametrize("name", ["JWT_SECRET", "ENCRYPTION_SECRET"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Tr0ub4dor&3", "at least 32 characters; it has 11"),
        (JWT[:31], "at least 32 characters; it has 31"),
        ("change-me-in-production-min-32-chars", "well-known"),
        ("your-super-secret-jwt-token-with-at-least-32-characters-long", "well-known"),
        ("a" * 40, "well-known or guessable"),
        ("0123456789abcdef0123456789abcdef", "well-known"),
    ],
)
def test_weak_secret(name: str, value: str, words: str):
    text = refusal(**{name: value})
    assert f"{name} " in text
    assert words in text
    assert value not in text


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "mysql://root:hidden@localhost/db", "begins with postgresql://"),
        ("PORT", "0", "PORT is wrong"),
        ("PORT", "eighty", "PORT is wrong"),
        ("ALLOW_SIGNUP", "perhaps", "ALLOW_SIGNUP is wrong"),
        ("DOMAIN_BASE", "https://example.com", "DOMAIN_BASE must be a host name"),
        ("DOMAIN_BASE", "exa mple.com", "DOMAIN_BASE must be a host name"),
        ("DOMAIN_STUDIO_URL", "studio.example.com", "DOMAIN_STUDIO_URL must be a URL"),
        ("DOMAIN_STUDIO_URL", "https://studio:99999", "DOMAIN_STUDIO_URL must be a URL"),
        ("PROJECTS_NAMESPACE", "Not_A_Name", "PROJECTS_NAMESPACE 'Not_A_Name' is not"),
        ("WATCH_NAMESPACES", "fine,-bad", "WATCH_NAMESPACES '-bad' is not"),
        ("REGIONS", "{", "REGIONS"),
        ("REGIONS", '{"eu": {"name": "Europe", "zone": 1}}', "REGIONS"),
        ("SERVICE_URL_TEMPLATE", "http://{host}", "SERVICE_URL_TEMPLATE may only name"),
        ("SERVICE_URL_TEMPLATE", "http://{project", "SERVICE_URL_TEMPLATE is not a template"),
        ("DELETION_POLICY", "Shred", "DELETION_POLICY is wrong"),
    ],
)
def test_wrong(name: str, value: str, words: str):
    text = refusal(**{name: value})
    assert words in text
    assert "hidden" not in text


def test_all_problems_are_named_at_once():
    text = refusal(JWT_SECRET=None, ENCRYPTION_SECRET="short", PORT="-1")
    assert [line.split()[0] for line in text.splitlines()[1:]] == [
        "PORT",
        "JWT_SECRET",
        "ENCRYPTION_SECRET",
    ]


def test_a_file_holds_the_value(tmp_path: Path):
    path = tmp_path / "jwt"
    path.write_text(f"{JWT}\n")
    read = settings.read(environment(JWT_SECRET=None, JWT_SECRET_FILE=str(path)))
    assert read.jwt_secret.get_secret_value() == JWT


def test_a_file_that_cannot_be_read(tmp_path: Path):
    missing = tmp_path / "missing"
    text = refusal(JWT_SECRET=None, JWT_SECRET_FILE=str(missing))
    assert f"JWT_SECRET cannot be read from {missing}: No such file" in text
    assert "JWT_SECRET is missing" not in text


def test_a_value_and_a_file_are_too_much(tmp_path: Path):
    path = tmp_path / "jwt"
    path.write_text(JWT)
    assert "JWT_SECRET is set, and so is JWT_SECRET_FILE" in refusal(JWT_SECRET_FILE=str(path))


SMTP = {
    "SMTP_HOST": "mail.example.com",
    "SMTP_ADMIN_EMAIL": "plane@example.com",
    "API_EXTERNAL_URL": "https://api.example.com/",
}


def test_mail_is_off_by_default():
    assert settings.read(environment()).smtp_host == ""


def test_mail():
    read = settings.read(environment(**SMTP, SMTP_PASS="hush", SMTP_SECURITY="tls"))
    assert (read.smtp_host, read.smtp_port, read.smtp_security) == ("mail.example.com", 587, "tls")
    assert read.api_external_url == "https://api.example.com"
    assert "hush" not in repr(read)


@pytest.mark.parametrize("missing", ["SMTP_ADMIN_EMAIL", "API_EXTERNAL_URL"])
def test_mail_needs_a_sender_and_an_address_for_links(missing: str):
    assert f"SMTP_HOST needs {missing} too" in refusal(**{**SMTP, missing: None})


def test_what_mail_refuses():
    text = refusal(**{**SMTP, "SMTP_ADMIN_EMAIL": "plane", "SMTP_SECURITY": "maybe"})
    assert "SMTP_ADMIN_EMAIL is not an e-mail address" in text
    assert "SMTP_SECURITY is wrong" in text
