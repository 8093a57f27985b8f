"""A log is two verbs: append and read-from. What every implementation promises about them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tuner.store.store
from tests.store.samples import CNN, GOOD, any_event, complete, epoch, spec, start
from tuner.errors import UnknownStudyError
from tuner.events import BatchProgress, DurableEvent, NewBest, Performance, StudyStatus
from tuner.store import Store

ROOT = Path(tuner.store.store.__file__).parents[2]
NAN, INF = float("nan"), float("inf")


Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts a Python process that says "ready" and waits for a line; whatever happens, none outlives the test."""
    started: list[subprocess.Popen[str]] = []

    def start_process(code: str, *arguments: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", code, *arguments]
        started.append(subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start_process
    for process in started:
        process.kill()
        process.communicate()


def go(*processes: subprocess.Popen[str]) -> None:
    """Lets processes begin at the same moment."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


@pytest.fixture
def study(store: Store) -> str:
    store.create_study(spec("a"), folder="/results/a")
    return "a"


def test_a_new_log_is_empty(store: Store, study: str) -> None:
    assert store.read(study) == []


def test_events_are_numbered_from_1_and_come_back_in_order(store: Store, study: str) -> None:
    events: list[DurableEvent] = [StudyStatus(status="running"), start(), epoch(1), epoch(2), complete()]

    assert store.last_sequence(study) == 0
    assert [store.append(study, event) for event in events] == [1, 2, 3, 4, 5]
    assert store.last_sequence(study) == 5
    assert store.read(study) == list(enumerate(events, start=1))


def test_each_study_is_numbered_by_itself(store: Store, study: str) -> None:
    store.create_study(spec("b"), folder="/results/b")

    assert [store.append(name, epoch(1)) for name in ("a", "b", "a", "b")] == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("after", "limit", "numbers"),
    [(0, None, [1, 2, 3, 4]), (2, None, [3, 4]), (4, None, []), (99, None, []), (1, 2, [2, 3]), (0, 0, [])],
)
def test_reading_goes_on_after_a_number(
    store: Store, study: str, after: int, limit: int | None, numbers: list[int]
) -> None:
    for i in range(1, 5):
        store.append(study, epoch(i))

    assert [number for number, _ in store.read(study, after=after, limit=limit)] == numbers


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(any_event, min_size=1, max_size=4))
def test_any_event_comes_back_equal_and_the_rows_can_be_read(store: Store, events: list[DurableEvent]) -> None:
    store.create_study(spec("any"), folder="/results/any")
    try:
        for event in events:
            store.append("any", event)

        assert [event for _, event in store.read("any")] == events
        assert store.study("any").name == "any"
        assert len(store.trials("any")) <= len(events)
        assert len(store.epochs("any")) <= len(events)
    finally:
        store.delete_study("any")


def test_what_never_leaves_the_process_is_left_out(store: Store, study: str) -> None:
    store.append(study, epoch(1, snapshot=lambda: "weights"))

    assert store.read(study) == [(1, epoch(1))]


def test_everything_outlives_therun(store_url: str) -> None:
    with Store.open(store_url) as store:
        store.create_study(spec("a"), folder="/results/a")
        for event in (start(), epoch(1)):
            store.append("a", event)
        before = store.read("a"), store.studies(), store.trials("a"), store.epochs("a")

    with Store.open(store_url) as store:
        assert (store.read("a"), store.studies(), store.trials("a"), store.epochs("a")) == before
        assert store.append("a", epoch(2)) == 3


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (epoch(1, loss=NAN), "epoch_progress.train.loss is nan"),
        (epoch(1, objective=-INF), "epoch_progress.objective is -inf"),
        (start(hyperparameters={"learning_rate": INF}), "trial_start.hyperparameters.learning_rate is inf"),
        (complete(performance=Performance(total_score=0, accuracy=0, loss=NAN)), "trial_complete.performance.loss is"),
        (NewBest(trial_number=1, objective=NAN, performance=GOOD), "new_best.objective is nan"),
    ],
)
def test_a_number_that_is_not_finite_is_refused_by_name(
    store: Store, study: str, event: DurableEvent, field: str
) -> None:
    with pytest.raises(ValueError, match=field):
        store.append(study, event)
    assert store.read(study) == []


def test_a_time_without_zone_is_refused(store: Store, study: str) -> None:
    with pytest.raises(ValueError, match=r"epoch_progress\.time has no zone"):
        store.append(study, epoch(1, time=epoch(1).time.replace(tzinfo=None)))


def test_an_ephemeral_event_is_refused_and_nothing_of_it_stays(store: Store, study: str) -> None:
    batch: Any = BatchProgress(trial_number=1, epoch=1, epochs=10, batch=3, batches=9)

    with pytest.raises(AssertionError):
        store.append(study, batch)
    assert store.read(study) == []
    assert store.append(study, epoch(1)) == 1


@pytest.mark.parametrize("use", [lambda s: s.append("b", epoch(1)), lambda s: s.read("b")])
def test_a_log_belongs_to_a_study(store: Store, use: Callable[[Store], object]) -> None:
    with pytest.raises(UnknownStudyError):
        use(store)


def test_a_reader_sees_an_event_only_when_all_it_changes_is_written(
    store: Store, store_url: str, study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, seen = tuner.store.store.project, []
    with Store.open(store_url) as reader:

        def project_and_look(connection: sa.Connection, study_id: int, event: DurableEvent) -> None:
            project(connection, study_id, event)
            seen.append((reader.read(study), reader.trials(study)))

        monkeypatch.setattr(tuner.store.store, "project", project_and_look)
        store.append(study, start())

        assert seen == [([], [])]
        assert [event for _, event in reader.read(study)] == [start()]
        assert [row.status for row in reader.trials(study)] == ["running"]


def test_threads_that_append_to_one_study_leave_no_gap(store: Store, study: str) -> None:
    numbers: list[int] = []

    def append(trial: int) -> None:
        for i in range(1, 26):
            numbers.append(store.append(study, epoch(i, number=trial)))

    threads = [threading.Thread(target=append, args=(trial,)) for trial in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    log = store.read(study)
    assert sorted(numbers) == [number for number, _ in log] == list(range(1, 101))
    assert len(store.epochs(study)) == 100


WRITER = """
import sys
from tests.store.samples import epoch
from tuner.store import Store
with Store.open(sys.argv[1]) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    print([store.append("a", epoch(i, number=int(sys.argv[2]))) for i in range(1, 41)], flush=True)
"""


def test_processes_that_append_to_one_study_leave_no_gap_and_readers_see_a_growing_log(
    store: Store, store_url: str, study: str, run: Run
) -> None:
    writers = [run(WRITER, store_url, str(trial)) for trial in (1, 2)]
    go(*writers)
    seen = 0
    while any(writer.poll() is None for writer in writers):
        numbers = [number for number, _ in store.read(study)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= seen
        seen = len(numbers)
    answers = [writer.communicate() for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0], answers
    assert [number for number, _ in store.read(study)] == list(range(1, 81))
    for trial in (1, 2):
        of_trial = [event for _, event in store.read(study) if event == epoch(getattr(event, "epoch", 0), number=trial)]
        assert of_trial == [epoch(i, number=trial) for i in range(1, 41)]


def test_a_killed_writer_leaves_a_whole_log(store: Store, store_url: str, study: str, run: Run) -> None:
    endless = WRITER.replace("print([store", "[store").replace("range(1, 41)], flush=True)", "range(1, 10**6)]")
    writer = run(endless, store_url, "1")
    go(writer)
    while len(store.read(study)) < 20:
        assert writer.poll() is None, writer.communicate()
    writer.kill()
    writer.wait()

    numbers = [number for number, _ in store.read(study)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(store.epochs(study, 1)) == len(numbers)
    assert store.append(study, start(2, architecture=CNN)) == len(numbers) + 1
