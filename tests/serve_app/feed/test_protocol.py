"""The protocol: what is written down is what is said."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve_app.authentication import TOKEN_PREFIX
from serve_app.feed import document, feed, message, protocol, routes, subscription, transport
from serve_app.feed.cursor import Cursor, log_name
from serve_app.feed.protocol import server_message
from serve_app.socket_protocol import SUBPROTOCOL, VERSION
from tests.store.samples import SUMMARY, T0, any_event, complete, epoch, spec, start
from tuner.events import BatchProgress, BestModel, DurableEvent, ResourceSample, StudyStatus
from tuner.store import Store
from tuner.study.progress import progress

SCHEMA = json.loads(document.SCHEMA.read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
REMEDY = "python -m serve_app.feed.document"


def test_the_schema_file_is_what_the_code_says() -> None:
    assert document.schema() == SCHEMA, REMEDY


def test_the_tables_of_the_page_are_what_the_code_says() -> None:
    assert document.page() == document.PAGE.read_text(), REMEDY


def test_the_schema_is_one_and_names_its_version() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == "urn:tuner.feed.v1"
    assert f"tuner.feed.v{VERSION}" == SUBPROTOCOL


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("missed more than {:,} events", subscription.MISSED),
        ("at most {} a second", feed.SAMPLES_PER_S),
        ("at most {} clients", feed.MOST_CLIENTS),
        ("takes no message for {:g} s", transport.TAKE_S),
        ("position in each study, within {:g} s", routes.RESUME_S),
        ("`{}` followed by the token", TOKEN_PREFIX),
    ],
)
def test_the_numbers_on_the_page_are_those_of_the_code(words: str, number: object) -> None:
    text = re.sub(r"\s+", " ", document.PAGE.read_text())
    assert words.format(number) in text


@pytest.mark.parametrize(
    ("name", "numbered"),
    [
        ("trial_start", True),
        ("epoch_progress", True),
        ("batch_progress", False),
        ("trial_complete", True),
        ("new_best", True),
        ("study_status", True),
        ("health_alert", True),
        ("resource_sample", False),
    ],
)
def test_the_names_that_clients_rely_on(name: str, numbered: bool) -> None:
    by_type = SCHEMA["discriminator"]["mapping"]
    message = SCHEMA["$defs"][by_type[name].rpartition("/")[2]]
    assert ("sequence" in message["required"]) == numbered
    assert "study" in message["required"]


def test_every_event_that_is_stored_has_a_message() -> None:
    stored = {kind.model_fields["type"].default for kind in get_args(get_args(DurableEvent)[0])}
    told = {kind.model_fields["type"].default for kind in get_args(protocol.DurableMessage)}
    assert told == stored


@given(event=any_event, sequence=st.integers(1, 10**9))
def test_whatever_happens_is_told_as_the_schema_says(event: DurableEvent, sequence: int) -> None:
    told = json.loads(message.durable("a", "63f", sequence, event).message.text)

    assert_is_told(told)
    assert (told["study"], told["sequence"], told["cursor"]) == ("a", sequence, f"{sequence}:63f")
    text = json.dumps(event.model_dump(mode="json", exclude={"folder", "summary"}), ensure_ascii=False)
    as_it_was = json.loads(text.encode(errors="replace"))  # what is no Unicode is no JSON either
    assert {key: told[key] for key in as_it_was} == as_it_was


def test_no_path_of_the_server_is_told() -> None:
    saved = BestModel(trial_number=1, val_accuracy=0.9, test_accuracy=0.8, test_loss=0.5, folder="/home/me/best_model")
    told = message.durable("a", "f", 1, saved).message.text
    assert "/home" not in told
    assert json.loads(told)["test_accuracy"] == 0.8


def test_what_only_figures_need_of_an_epoch_is_not_told() -> None:
    told = json.loads(message.durable("a", "f", 1, epoch(1, summary=SUMMARY)).message.text)
    assert "summary" not in told
    assert told == json.loads(message.durable("a", "f", 1, epoch(1)).message.text)
    assert "TrainingSummary" not in SCHEMA["$defs"]


def test_a_traceback_that_is_no_unicode_holds_nobody_up() -> None:
    told = message.durable("a", "f", 1, complete(1, error="in \ud800.py\0")).message.text
    assert json.loads(told)["error"] == "in ?.py\0"
    server_message.validate_json(told)


def test_all_that_is_not_stored_is_told_as_the_schema_says(store: Store) -> None:
    store.create_study(spec("a"), folder="/results/a")
    for event in (StudyStatus(status="running"), start(1), epoch(1), complete(1), start(2), epoch(1, number=2)):
        store.append("a", event)
    stands = store.live_snapshot("a", message.TRIAL_FIELDS, only_running=False)
    now = progress(stands.study, stands.running, stands.epochs, {}, stands.now, stands.totals)
    batch = BatchProgress(trial_number=1, epoch=1, epochs=2, batch=3, batches=4)
    resources = ResourceSample(trial_number=1, node="n", cpu_percent=1.5, memory_bytes=None)

    told = [
        message.snapshot(stands, now),
        message.studies(store.study_summaries()),
        message.progress_sample(stands.study, now).message,
        message.sample("a", batch.model_dump(mode="json")).message,
        message.sample("a", resources.model_dump(mode="json")).message,
        message.resync_required(None, "why"),
        message.study_deleted("a"),
        message.ALIVE,
    ]
    for one in told:
        assert_is_told(json.loads(one.text))
    assert {one.type for one in told} == {
        kind.model_fields["type"].default for kind in get_args(protocol.SampleMessage | protocol.ControlMessage)
    }


def assert_is_told(told: dict[str, Any]) -> None:
    server_message.validate_json(json.dumps(told))
    VALIDATOR.validate(told)
    # A later server of this version may say more.
    VALIDATOR.validate(told | {"something_new": 1})
    for left_out in ("type", *(["sequence"] if "sequence" in told else [])):
        with pytest.raises(jsonschema.ValidationError):
            VALIDATOR.validate({key: value for key, value in told.items() if key != left_out})


@given(sequence=st.integers(0, 10**15 - 1), log=st.none() | st.text("0123456789abcdef", min_size=1, max_size=15))
def test_a_cursor_comes_back_equal(sequence: int, log: str | None) -> None:
    assert Cursor.parse(str(Cursor(sequence, log))) == Cursor(sequence, log)


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1:", ":f", "1:g", "1:f:f", " 1", "1\n", "٣", "9" * 16, "1:" + "f" * 16]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a cursor"):
        Cursor.parse(text)


def test_a_log_has_a_name_of_its_own_to_the_microsecond() -> None:
    assert log_name(T0) != log_name(T0.replace(microsecond=T0.microsecond + 1))
    assert Cursor(1).is_of(log_name(T0))
    assert Cursor(1, log_name(T0)).is_of(log_name(T0))
    assert not Cursor(1, "0").is_of(log_name(T0))
