"""Settings: what is wrong or half there stops the start, by its name and without its value."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from hexgate.platform.settings import Settings, SettingsError


def test_without_anything_both_stores_lie_in_one_folder() -> None:
    settings = Settings.of({"HEXGATE_PLATFORM_DIR": "/srv/hexgate"})

    assert settings.database_url == "sqlite:////srv/hexgate/platform.db"
    assert settings.clickhouse_url == "chdb:///srv/hexgate/record"
    assert (settings.folder, settings.is_secure, settings.sends_mail) == (Path("/srv/hexgate"), False, False)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://root:secret@host/db"),
        ("HEXGATE_CLICKHOUSE_URL", "tcp://secret@host"),
        ("HEXGATE_PUBLIC_URL", "ftp://secret"),
        ("HEXGATE_REGISTRATION", "secret"),
        ("HEXGATE_CLICKHOUSE_CLUSTER", "secret'; drop"),
        ("HEXGATE_ADMIN_EMAIL", "x"),
    ],
)
def test_a_wrong_value_is_named_and_not_shown(variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.of({variable: value})

    assert [mistake.split(":")[0] for mistake in caught.value.mistakes] == [f"`{variable}`"]
    assert "secret" not in str(caught.value)


def test_all_wrong_values_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.of({"DATABASE_URL": "x://", "HEXGATE_REGISTRATION": "x"})

    assert len(caught.value.mistakes) == 2


def test_an_empty_variable_is_not_set() -> None:
    assert Settings.of({"HEXGATE_REGISTRATION": " ", "RESEND_API_KEY": ""}) == Settings.of({})


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, None),
        ({"RESEND_API_KEY": "re_1"}, "HEXGATE_EMAIL_FROM"),
        ({"HEXGATE_EMAIL_FROM": "a@b.c"}, "RESEND_API_KEY"),
        ({"RESEND_API_KEY": "re_1", "HEXGATE_EMAIL_FROM": "a@b.c"}, None),
    ],
)
def test_half_of_the_mail_settings_is_noticed(given: dict[str, str], missing: str | None) -> None:
    settings = Settings.of(given)

    assert settings.half_of_mail == missing
    assert settings.sends_mail is (len(given) == 2)
    assert "re_1" not in repr(settings)


def test_settings_do_not_change() -> None:
    settings = Settings.of({})

    with pytest.raises(ValidationError):
        settings.registration = "invited"
