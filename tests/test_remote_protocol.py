"""What travels to a remote worker and back: complete, in order, unharmed."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.test_spec import trial_specs
from tuner.events import BatchProgress, TrialComplete
from tuner.remote_protocol import (
    PART_BYTES,
    Answer,
    WorkRequest,
    joined,
    pack,
    packed_request,
    parts_of,
    unpack,
    unpacked_request,
)

WEIGHTS = [np.arange(6, dtype=np.float32).reshape(2, 3) / 7, np.array(3, np.int64), np.zeros((0, 4), np.float16)]


@given(trial_specs())
def test_a_worker_gets_the_spec_that_was_sent_field_by_field(trial):
    sent = json.loads(json.dumps({"trial": trial.model_dump(mode="json", exclude_defaults=True)}))
    assert WorkRequest.model_validate(sent).trial == trial


def test_an_answer_holds_an_event_or_weights_and_nothing_else():
    event = BatchProgress(trial_number=1, epoch=1, epochs=2, batch=3, batches=4)
    answer = Answer.model_validate({"delivery": "a", "number": 0, "event": event.model_dump(mode="json")})
    assert answer.event == event
    for wrong in ({}, {"event": {"type": "study_status", "status": "running"}}, {"weights": {"part": 0}}, {"x": 1}):
        with pytest.raises(ValidationError):
            Answer.model_validate({"delivery": "a", "number": 0, **wrong})


def test_a_failed_trial_travels_with_its_traceback():
    end = TrialComplete(
        trial_number=1,
        trial_id="a-00001",
        status="failed",
        cause="error",
        reason="x",
        hyperparameters={},
        error="Traceb",
    )
    value = {"delivery": "a", "number": 9, "event": end.model_dump(mode="json")}
    assert "error" not in value, "the SDK would take it for a failure of the job"
    assert Answer.model_validate(value).event == end


def test_weights_are_the_same_bit_for_bit_after_the_journey_whatever_the_order_of_their_parts():
    large = [np.random.default_rng(0).normal(size=300_000).astype(np.float32), *WEIGHTS]
    packed = pack(large)
    parts = [part.model_validate(json.loads(part.model_dump_json())) for part in parts_of(packed)]
    assert len(parts) == 1 + len(packed) // PART_BYTES == 2
    again = unpack(joined(parts[::-1]))
    assert [(one.dtype, one.shape, one.tobytes()) for one in again] == [
        (one.dtype, one.shape, one.tobytes()) for one in large
    ]


def test_a_part_fits_into_one_streamed_value():
    (part,) = parts_of(bytes(PART_BYTES))
    assert len(part.model_dump_json()) + 200 < 1_000_000


def test_missing_parts_and_damaged_weights_are_noticed():
    packed = pack(WEIGHTS)
    first, second = parts_of(bytes(PART_BYTES + 1))
    for some in ([], [first], [second]):
        with pytest.raises(ValueError, match="of the weights came"):
            joined(some)
    (other,) = parts_of(packed)
    with pytest.raises(ValueError, match="SHA-256"):
        joined([other.model_copy(update={"data": first.data})])
    for damaged in (b"", packed[:-9], b"x" * 99):
        with pytest.raises(ValueError, match="damaged"):
            unpack(damaged)


def test_nothing_is_unpickled():
    with pytest.raises(ValueError, match="damaged"):
        unpack(pack([np.array([{}], dtype=object)]))


REQUESTS = st.dictionaries(
    st.text(),
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
)


@given(REQUESTS)
def test_a_packed_request_is_unpacked_without_loss(request_):
    assert unpacked_request(packed_request(request_)) == request_


@pytest.mark.parametrize("plain", [None, "text", [], {}, {"trial": 1}, {"packed": "x", "more": 1}])
def test_a_request_that_is_not_packed_is_returned_unchanged(plain):
    assert unpacked_request(plain) == plain


def test_a_request_that_unpacks_to_too_many_bytes_is_refused():
    bomb = {"packed": base64.b85encode(zlib.compress(b" " * 10_000_000)).decode()}
    with pytest.raises(ValueError, match="damaged, or larger than 65,536 bytes"):
        unpacked_request(bomb)


@pytest.mark.parametrize("text", ["", "no base 85 \x00", "abcde", 7, None, packed_request({"a": 1})["packed"][:-3]])
def test_a_damaged_packed_request_is_refused(text):
    with pytest.raises(ValueError, match=r"damaged|base85"):
        unpacked_request({"packed": text})
