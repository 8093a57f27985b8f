"""What is kept of logs in memory, and what is read from the store."""

from __future__ import annotations

import asyncio
from unittest import mock

import pytest

from serve_app.feed import event_cache
from serve_app.feed.event_cache import EventCache
from tests.store.samples import epoch, spec
from tuner.store import Store


@pytest.fixture
def written(store: Store) -> Store:
    """Twelve events."""
    store.create_study(spec("a"), folder="/results/a")
    for number in range(1, 13):
        store.append("a", epoch(number))
    return store


async def numbers(kept: EventCache, after: int) -> list[int]:
    return [event.sequence for event in await kept.after("a", "f", after)]


@pytest.mark.parametrize("places", [[10, 5, 12, 11, 8, 0], [0, 3, 11], [11, 0, 11, 10], [4, 0, 2, 9, 12]])
@pytest.mark.parametrize("chunk", [2, 5, 200])
@pytest.mark.parametrize("size", [1, 3, 256])
def test_from_wherever_it_is_read_the_next_events_come(
    written: Store, places: list[int], chunk: int, size: int
) -> None:
    async def test() -> None:
        kept = EventCache(written)
        for after in places:
            found = await numbers(kept, after)
            assert found == list(range(after + 1, after + 1 + len(found)))
            assert found or after == 12
            assert len(found) <= chunk
        written.append("a", epoch(13))
        assert await numbers(kept, 12) == [13]
        assert (await numbers(kept, 11))[0] == 12

    with mock.patch.object(event_cache, "CHUNK", chunk), mock.patch.object(event_cache, "KEPT", size):
        asyncio.run(test())


def test_what_is_kept_is_not_read_again(written: Store) -> None:
    async def test() -> None:
        kept = EventCache(written)
        await numbers(kept, 0)
        with mock.patch.object(written, "read", side_effect=AssertionError("read again")):
            assert await numbers(kept, 4) == list(range(5, 13))

    asyncio.run(test())


def test_only_so_many_logs_are_kept_and_none_is_mistaken_for_another(written: Store) -> None:
    written.create_study(spec("b"), folder="/results/b")

    async def test() -> None:
        kept = EventCache(written)
        for name in ("a", "b", "a"):
            found = await kept.after(name, "f", 10)
            assert [event.sequence for event in found] == ([11, 12] if name == "a" else [])

    with mock.patch.object(event_cache, "LOGS", 1):
        asyncio.run(test())


def test_a_study_that_is_gone_has_no_events(store: Store) -> None:
    async def test() -> None:
        assert await EventCache(store).after("nobody", "f", 0) == []

    asyncio.run(test())
