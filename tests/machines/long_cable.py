"""A cable on which each frame takes its time: not every kernel can delay packets by itself."""

import fcntl
import heapq
import os
import select
import struct
import threading
import time
from contextlib import suppress

_SET_NAME = 0x400454CA  # TUNSETIFF
_ETHERNET, _NO_HEADER = 0x0002, 0x1000
_MAX_BYTES = 65_536


class LongCable:
    """Two ends by name, which are devices of this machine until they are moved.

    `delay_s` is how long a frame takes, in either direction; it may be changed at any time.
    """

    def __init__(self, one, other):
        self.delay_s = 0.0
        self._ends = [_device(one), _device(other)]
        self._ended = False
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def close(self):
        """Remove the cable and both devices."""
        self._ended = True
        self._thread.join()
        for end in self._ends:
            os.close(end)

    def _carry(self):
        under_way = []
        while not self._ended:
            wait_s = min(0.2, max(0.0, under_way[0][0] - time.monotonic())) if under_way else 0.2
            for end in select.select(self._ends, [], [], wait_s)[0]:
                frame = os.read(end, _MAX_BYTES)
                to = self._ends[1 - self._ends.index(end)]
                heapq.heappush(under_way, (time.monotonic() + self.delay_s, to, frame))
            while under_way and under_way[0][0] <= time.monotonic():
                _, to, frame = heapq.heappop(under_way)
                with suppress(OSError):  # that end is down
                    os.write(to, frame)


def _device(name):
    end = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(end, _SET_NAME, struct.pack("16sH", name.encode(), _ETHERNET | _NO_HEADER))
    return end
