"""A network of machines on this one: a namespace for each, on a bridge, and each can be cut off."""

import os
import secrets
import shutil
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.machines.long_cable import LongCable

NAME = "memory.home.arpa"
"""By what machines know the gateway, where the proxy listens."""

HOME = "/run/sage-machine"
"""Where each machine has its home: equal paths on all of them, and a folder of its own behind."""

_HOSTS = Path("/etc/netns")
_ENTER = 'mount --bind "$0" "$1" && shift && exec "$@"'


def ip(*words, check=True):
    """Run `ip`; return what it printed."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, timeout=20, check=False)
    assert not check or done.returncode == 0, f"ip {words}: {done.stderr}"
    return done.stdout


class Network:
    """A bridge, whose own address is that of the gateway.

    Its hardware address is its own: else it is the lowest of those of the cables, and changes when
    a machine joins, which the others notice after 45 seconds.
    """

    def __init__(self):
        self.name = f"sage{secrets.token_hex(3)}"
        self._prefix = f"198.18.{secrets.randbelow(256)}"  # for tests alone: RFC 2544
        self.gateway = f"{self._prefix}.1"
        self._machines = []
        hardware = f"02:{secrets.token_bytes(5).hex(':')}"  # 02: of nobody who makes devices
        ip("link", "add", self.name, "address", hardware, "type", "bridge")
        ip("address", "add", f"{self.gateway}/24", "dev", self.name)
        ip("link", "set", self.name, "up")
        Path(HOME).mkdir(exist_ok=True)

    def add(self, home, *, is_far=False):
        """Have one more machine, whose home is in a folder; return its place in the network."""
        number = len(self._machines) + 2
        place = Place(self, f"{self.name}-{number}", f"{self._prefix}.{number}/24", home, is_far)
        self._machines.append(place)
        return place

    def remove(self):
        """End all that runs on the machines, and remove everything."""
        for place in self._machines:
            place.remove()
        ip("link", "delete", self.name, check=False)
        with suppress(OSError):  # another run has machines, too
            _HOSTS.rmdir()
            Path(HOME).rmdir()


class Place:
    """A machine in a network, by the name of its namespace. One that is far has a LongCable."""

    def __init__(self, network, name, address, home, is_far):
        self.name, self._home, self._plug = name, home, name.removeprefix("sage")
        (_HOSTS / name).mkdir(parents=True)
        hosts = f"127.0.0.1 localhost\n{network.gateway} {NAME}\n"
        (_HOSTS / name / "hosts").write_text(hosts)
        ip("netns", "add", name)
        self.cable = LongCable(self._plug, f"{self._plug}o") if is_far else None
        if is_far:
            ip("link", "set", f"{self._plug}o", "netns", name, "name", "eth0")
        else:
            ip("link", "add", self._plug, "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("link", "set", self._plug, "master", network.name, "up")
        ip("-n", name, "address", "add", address, "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", name, "link", "set", device, "up")

    def within(self, *command):
        """Return the command that runs another one on this machine, in its home."""
        return ["ip", "netns", "exec", self.name, "sh", "-c", _ENTER, self._home, HOME, *command]

    @contextmanager
    def entered(self):
        """Have the sockets that are made in the block be those of this machine."""
        here, there = Path("/proc/self/ns/net"), Path("/run/netns", self.name)
        with here.open() as outside, there.open() as inside:
            os.setns(inside.fileno(), os.CLONE_NEWNET)
            try:
                yield
            finally:
                os.setns(outside.fileno(), os.CLONE_NEWNET)

    def cut(self):
        """Pull the cable: what is sent is lost, and nobody is told."""
        ip("link", "set", self._plug, "down")

    def mend(self):
        ip("link", "set", self._plug, "up")

    def processes(self):
        """Return the numbers of what runs on this machine."""
        return [int(one) for one in ip("netns", "pids", self.name).split()]

    def remove(self):
        for pid in self.processes():
            os.kill(pid, 9)
        if self.cable is not None:
            self.cable.close()
        ip("netns", "delete", self.name, check=False)
        ip("link", "delete", self._plug, check=False)
        shutil.rmtree(_HOSTS / self.name)
