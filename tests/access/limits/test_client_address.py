"""The address of a client: what a connection and trusted proxies say."""

from sage.access.limits.client_address import BY_SOCKET, ClientAddress, network_of, subscriber_of
from tests.support.each import each

PROXIES = ("127.0.0.1", "::1", "10.0.0.0/8")


def address(peer, *forwarded, trusted=PROXIES):
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in forwarded]
    client = None if peer is None else (peer, 50_000)
    return ClientAddress(None, trusted_proxies=trusted).address_of(
        {"client": client, "headers": headers}
    )


def test_what_a_client_says_is_not_believed():
    assert address("198.51.100.7", "203.0.113.9") == "198.51.100.7"
    assert address("127.0.0.1", "203.0.113.9", trusted=()) == "127.0.0.1"


@each(
    ("forwarded", "found"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        (["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        (["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
        (["203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        (["10.9.9.9, 10.1.2.3"], "10.9.9.9"),
        (["203.0.113.9:4711"], "203.0.113.9"),
        (["[2001:db8::7]:4711"], "2001:db8::7"),
        (["2001:db8::7"], "2001:db8::7"),
        (["203.0.113.9, unknown"], "127.0.0.1"),
        (["203.0.113.9, 10.1.2.3, é"], "127.0.0.1"),
        ([""], "127.0.0.1"),
        ([], "127.0.0.1"),
    ],
)
def test_a_trusted_proxy_is_believed_as_far_as_trusted_proxies_wrote(forwarded, found):
    assert address("127.0.0.1", *forwarded) == found


def test_an_address_of_ipv4_is_the_same_however_it_is_written():
    assert address("::ffff:127.0.0.1", "::ffff:203.0.113.9") == "203.0.113.9"
    assert address("fe80::1%eth0") == "fe80::1"


def test_a_unix_socket_has_no_address():
    assert address(None, "203.0.113.9") == BY_SOCKET
    for nowhere in ("", BY_SOCKET):
        assert subscriber_of(nowhere) == network_of(nowhere) == nowhere


def test_a_subscriber_is_an_address_of_ipv4_or_a_network_of_ipv6():
    assert subscriber_of("203.0.113.9") == "203.0.113.9"
    assert subscriber_of("2001:db8:1:2:3::4") == subscriber_of("2001:db8:1:2:ffff::1")
    assert subscriber_of("2001:db8:1:2:3::4") != subscriber_of("2001:db8:1:3:3::4")


def test_a_network_is_as_large_as_one_customer_may_have():
    assert network_of("203.0.113.9") == "203.0.113.0/24"
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:ff::1") == "2001:db8:1::/48"
