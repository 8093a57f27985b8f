"""The messages with which the dashboard's reducers are tested are those of this server."""

from __future__ import annotations

import json

from serve_app.feed.protocol import server_message
from serve_app.schemas import JobDetail
from tests.serve_app.feed import recorded_messages
from tests.serve_app.feed.recorded_messages import FILE


def test_recorded_messages_are_of_this_version():
    recorded = json.loads(FILE.read_text())
    for message in recorded["first"] + recorded["later"]:
        read = server_message.validate_python(message)
        written = json.loads(read.model_dump_json())
        assert written.keys() == message.keys(), f"run python -m {recorded_messages.__name__}"
    assert JobDetail.model_validate(recorded["job"]).id == "running"


def test_recorded_messages_have_durable_ones_without_gaps():
    recorded = json.loads(FILE.read_text())
    numbers = [message["sequence"] for message in recorded["first"] + recorded["later"] if "sequence" in message]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
