"""Calls are timed alternately with their floors."""

import asyncio

from benchmarks.timing import calls_per_s, compare


async def test_a_call_and_its_floor_alternate_with_the_same_numbers():
    order = []

    def noting(name):
        async def call(number):
            await asyncio.sleep(0)
            order.append((name, number))

        return call

    compared = await compare(noting("call"), noting("floor"), 4, first=10)
    assert [number for _, number in order] == [10, 10, 11, 11, 12, 12, 13, 13]
    assert {name for name, _ in order[::2]} == {"call", "floor"}
    assert compared.call.calls == compared.floor.calls == 4


async def test_a_slower_call_has_a_ratio_above_one():
    async def waiting(_number):
        await asyncio.sleep(0.01)

    async def quick(_number):
        await asyncio.sleep(0)

    compared = await compare(waiting, quick, 5)
    assert compared.p50_ratio > 1
    assert compared.call.p95_ms >= compared.call.p50_ms


async def test_clients_call_concurrently_and_never_with_the_same_number():
    numbers = []

    async def call(number):
        numbers.append(number)
        await asyncio.sleep(0.001)

    rate = await calls_per_s([call, call, call], 0.05, first=100)
    assert rate > 0
    assert min(numbers) == 100
    assert len(set(numbers)) == len(numbers)
