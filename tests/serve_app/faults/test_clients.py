"""The clients of the fault test notice what they look for. No server."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve_app.faults.clients import Clients, gaps
from tests.serve_app.faults.faults import FAULTS, SHORT, drawn
from tests.serve_app.faults.rounds import Round, table
from tests.store.samples import epoch, spec, start
from tuner.events import DurableEvent
from tuner.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/tuner.db") as opened:
        opened.create_study(spec("a"), folder="/a")
        yield opened


@pytest.mark.parametrize(
    ("numbers", "lost", "doubled"),
    [
        ([1, 2, 3], 0, 0),
        ([1, 3], 1, 0),
        ([1, 2, 2], 0, 1),
        ([2, 1], 1, 1),
    ],
)
def test_an_event_that_is_missing_or_comes_twice_is_noticed(
    store: Store, numbers: list[int], lost: int, doubled: int
) -> None:
    clients = Clients("http://127.0.0.1:1", store, "a")
    for number in numbers:
        clients._take({"type": "epoch_progress", "sequence": number})
    assert (len(clients.lost), len(clients.doubled)) == (lost, doubled)


def test_a_snapshot_may_go_forward_only(store: Store) -> None:
    clients = Clients("http://127.0.0.1:1", store, "a")
    for number in (5, 9, 7):
        clients._take({"type": "snapshot", "sequence": number})
    assert clients.lost == ["a snapshot of event 7 after event 9"]


@pytest.mark.parametrize(
    ("events", "wrong"),
    [
        ([start(1), epoch(1), epoch(2)], 0),
        ([start(1), epoch(1), epoch(2), start(1, resumed_from_epoch=1), epoch(2)], 0),
        ([start(1), epoch(1), start(1, resumed_from_epoch=2), epoch(2), epoch(3)], 0),
        ([start(1), epoch(1), start(1, resumed_from_epoch=2), epoch(3)], 1),
        ([start(1), epoch(2)], 1),
        ([start(1), epoch(1), epoch(1)], 1),
        ([start(1), epoch(1), start(1, resumed_from_epoch=3), epoch(4)], 1),
    ],
)
def test_an_epoch_that_is_missing_or_comes_twice_is_noticed(
    store: Store, events: list[DurableEvent], wrong: int
) -> None:
    for event in events:
        store.append("a", event)
    assert len(gaps(store, "a")) == wrong


def test_few_rounds_are_the_same_ones_and_many_are_all_kinds() -> None:
    assert [fault.name for fault in drawn(2, random.Random(1), small_disk=False)] == list(SHORT)
    names = {fault.name for fault in drawn(50, random.Random(1), small_disk=True)}
    assert names == {fault.name for fault in FAULTS}
    assert "disk full" not in {fault.name for fault in drawn(50, random.Random(1), small_disk=False)}


def test_the_table_has_a_line_for_each_kind_and_one_for_all() -> None:
    rounds = [Round("a", outage_s=2.0), Round("b", false=["x"]), Round("a", outage_s=7.5, left=["y"])]
    lines = [line.split() for line in table(rounds).splitlines()]
    assert [line[:5] for line in lines[1:]] == [
        ["a", "2", "0", "0", "0"],
        ["b", "1", "0", "0", "1"],
        ["all", "3", "0", "0", "1"],
    ]
    assert lines[1][5:] == ["7.5", "s", "0.0", "s", "1"]
