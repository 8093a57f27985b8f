"""The boards of a cluster, where there may be none. No Ray: what stands for it answers as Ray does."""

from __future__ import annotations

import asyncio
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from serve_app.feed import live_samples
from serve_app.feed.live_samples import SampleSource


class Ray(SimpleNamespace):
    """A cluster whose boards are these; an exception is what finding or asking one raises."""

    def __init__(self, found: Any) -> None:
        super().__init__(is_initialized=lambda: True)
        self.found, self.searched = found, 0

    def find_live_progress(self, study: str) -> Any:
        self.searched += 1
        if isinstance(self.found, Exception):
            raise self.found
        return SimpleNamespace(samples=SimpleNamespace(remote=self.found))


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(found: Any) -> Ray:
        ray = Ray(found)
        monkeypatch.setitem(sys.modules, "ray", ray)
        monkeypatch.setitem(sys.modules, "tuner.runners.live_progress", ray)
        return ray

    return use


def test_without_ray_there_are_no_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ray", raising=False)
    assert asyncio.run(SampleSource().samples("a")) == []
    assert "ray" not in sys.modules


def test_a_board_is_found_once_and_asked_each_time(cluster: Any) -> None:
    async def answer() -> list[dict[str, Any]]:
        return [{"trial_number": 1}]

    async def test() -> None:
        ray, of_cluster = cluster(answer), SampleSource()
        assert [await of_cluster.samples("a") for _ in range(3)] == [[{"trial_number": 1}]] * 3
        assert ray.searched == 1

    asyncio.run(test())


def test_a_board_that_is_not_there_is_not_looked_for_all_the_time(cluster: Any) -> None:
    async def test() -> None:
        ray, of_cluster = cluster(ValueError("no such actor")), SampleSource()
        assert [await of_cluster.samples("a") for _ in range(3)] == [[]] * 3
        assert ray.searched == 1

    asyncio.run(test())


def test_a_board_that_is_lost_or_silent_is_looked_for_anew(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_samples, "_RETRY_S", 0)
    monkeypatch.setattr(live_samples, "WAIT_S", 0.01)
    answers = iter(["lost", "silent", "well"])

    async def answer() -> list[dict[str, Any]]:
        match next(answers):
            case "lost":
                raise RuntimeError("the actor died")
            case "silent":
                await asyncio.sleep(60)
        return [{"trial_number": 1}]

    async def test() -> None:
        ray, of_cluster = cluster(answer), SampleSource()
        assert [await of_cluster.samples("a") for _ in range(3)] == [[], [], [{"trial_number": 1}]]
        assert ray.searched == 3

    asyncio.run(test())
