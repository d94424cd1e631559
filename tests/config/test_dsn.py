from sage.config.dsn import places_of
from tests.support.each import each


@each(
    ("dsn", "places"),
    [
        ("postgresql://u:p@db/n", [("db", 5432)]),
        ("postgresql://db:6432", [("db", 6432)]),
        ("postgresql://u:p@[::1]:6432,[::1],db/n", [("::1", 6432), ("::1", 5432), ("db", 5432)]),
        ("postgresql://db/n?port=6432", [("db", 6432)]),
        ("postgresql:///n?host=/run/a%20b&port=6432", [("/run/a b", 6432)]),
        ("postgresql:///n?host=a,b&port=6432,6433", [("a", 6432), ("b", 6433)]),
        ("postgresql://a,b:6433/n?port=6432", [("a", 6432), ("b", 6433)]),
        ("postgresql://%2Frun%2Fpostgres/n", [("/run/postgres", 5432)]),
        ("postgresql:///n?host=a,b", [("a", 5432), ("b", 5432)]),
        ("postgresql:///n", []),
    ],
)
def test_the_servers_of_an_address_are_found(dsn, places):
    assert places_of(dsn) == places
