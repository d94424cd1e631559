import zoneinfo
from zoneinfo import ZoneInfo

import pytest

from sage.config.timezone import machine_timezone


def test_the_zone_that_is_set_counts(settings_of):
    environ = {"SAGE_TIMEZONE": " Asia/Shanghai ", "TZ": "Europe/Berlin"}
    assert settings_of(environ).timezone == ZoneInfo("Asia/Shanghai")


def test_the_zone_may_stand_in_the_toml_file(settings_of, folder):
    (folder / "sage.toml").write_text('timezone = "America/New_York"\n')
    environ = {"SAGE_CONFIG": str(folder / "sage.toml")}
    assert settings_of(environ).timezone == ZoneInfo("America/New_York")


@pytest.mark.parametrize("name", ["Europe/Berlin", ":Europe/Berlin"])
def test_without_one_the_zone_of_the_environment_counts_and_is_shown(read, name):
    found = read({"TZ": name})
    assert found.settings.timezone == ZoneInfo("Europe/Berlin")
    assert ("SAGE_TIMEZONE", "Europe/Berlin", "default", "General") in found.values


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "CET-1CEST,M3.5.0,M10.5.0/3", "/etc/passwd"])
def test_a_zone_of_the_environment_that_is_none_is_passed_over(settings_of, name):
    assert settings_of({"TZ": name}).timezone == machine_timezone({})


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Asia/Shanghia", "Did you mean Asia/Shanghai?"),
        ("berlin", "Did you mean Europe/Berlin?"),
        ("new york", "Did you mean America/New_York?"),
        ("+08:00", "IANA"),
        ("../../etc/passwd", "IANA"),
        ("x" * 100_000, "IANA"),
    ],
)
def test_a_name_that_is_no_zone_is_refused_with_the_one_that_was_meant(errors_of, name, hint):
    problem = errors_of({"SAGE_TIMEZONE": name})["SAGE_TIMEZONE"]
    assert problem.message.startswith("is not a time zone")
    assert hint in problem.hint


@pytest.fixture
def without_system_database():
    zoneinfo.reset_tzpath(to=())
    ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    ZoneInfo.clear_cache()


@pytest.mark.usefixtures("without_system_database")
def test_zones_are_known_where_the_system_has_no_database_of_them(settings_of):
    assert settings_of({"SAGE_TIMEZONE": "Asia/Shanghai"}).timezone.key == "Asia/Shanghai"
