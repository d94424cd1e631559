"""The network of the machines cuts off nobody who is not meant to be."""

from tests.machines.network import Network, ip


def test_the_gateway_keeps_its_address_whoever_joins(tmp_path):
    network = Network()
    try:
        before = ip("-brief", "link", "show", network.name).split()[2]
        network.add(tmp_path)
        assert ip("-brief", "link", "show", network.name).split()[2] == before
    finally:
        network.remove()
