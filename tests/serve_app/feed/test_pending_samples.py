"""What waits for a client that is not ready."""

from __future__ import annotations

from serve_app.feed import message
from serve_app.feed.pending_samples import PendingSamples
from tests.store.samples import complete, epoch, start
from tuner.events import BatchProgress, DurableEvent, ResourceSample


def batch(trial: int, batch: int, epoch: int = 1, study: str = "a") -> message.Sample:
    value = BatchProgress(trial_number=trial, epoch=epoch, epochs=10, batch=batch, batches=9)
    return message.sample(study, value.model_dump(mode="json"))


def resources(trial: int) -> message.Sample:
    value = ResourceSample(trial_number=trial, node="n", cpu_percent=1, memory_bytes=None)
    return message.sample("a", value.model_dump(mode="json"))


def durable(event: DurableEvent) -> message.Durable:
    return message.durable("a", "f", 1, event)


def taken(pending: PendingSamples) -> list[message.Message]:
    found = []
    while pending:
        one = pending.take()
        assert one is not None
        found.append(one)
    assert pending.take() is None
    return found


def test_only_the_latest_of_each_kind_and_trial_waits() -> None:
    pending = PendingSamples()
    first, second, third, of_another = batch(1, 1), batch(2, 1), resources(1), batch(1, 1, study="b")
    last = batch(1, 3)
    for one in (first, second, third, batch(1, 2), last, of_another):
        pending.offer(one)

    assert taken(pending) == [one.message for one in (last, second, third, of_another)]


def test_what_waits_longest_is_told_first_even_if_it_was_renewed() -> None:
    pending = PendingSamples()
    for number in range(1, 4):
        pending.offer(batch(number, 1))
    pending.offer(batch(1, 2))
    first = pending.take()
    pending.offer(batch(1, 3))

    assert first is not None
    assert '"trial_number":1,' in first.text
    assert [one.text.split('"trial_number":')[1][0] for one in taken(pending)] == ["2", "3", "1"]


def test_a_sample_of_an_epoch_that_is_done_is_never_told() -> None:
    pending = PendingSamples()
    pending.offer(batch(1, 9, epoch=2))
    pending.drop_outdated("a", durable(epoch(2)))
    pending.offer(batch(1, 8, epoch=2))
    assert taken(pending) == []

    pending.offer(batch(1, 1, epoch=3))
    pending.offer(batch(2, 1, epoch=1))
    assert len(taken(pending)) == 2


def test_nothing_of_a_trial_is_told_after_its_end_unless_it_starts_again() -> None:
    pending = PendingSamples()
    pending.offer(batch(1, 1))
    pending.offer(resources(1))
    pending.drop_outdated("a", durable(complete(1)))
    pending.offer(batch(1, 9, epoch=10))
    pending.offer(resources(1))
    assert not pending

    pending.drop_outdated("a", durable(start(1, resumed_from_epoch=4)))
    pending.offer(batch(1, 1, epoch=4))
    pending.offer(batch(1, 1, epoch=5))
    pending.offer(resources(1))
    assert len(taken(pending)) == 2


def test_a_number_that_json_does_not_have_is_told_as_null() -> None:
    value = BatchProgress(trial_number=1, epoch=1, epochs=2, batch=1, batches=2, loss=float("nan"))
    assert '"loss":null' in message.sample("a", value.model_dump()).message.text
