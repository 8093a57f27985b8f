"""Generates the protocol's description: `feed.schema.json` for programs and the tables of `feed.md` for people.

python -m serve_app.feed.document        writes both files
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from serve_app.feed import protocol
from serve_app.socket_protocol import CLOSED, SUBPROTOCOL, VERSION

SCHEMA = Path(__file__).with_name("feed.schema.json")
PAGE = Path(__file__).with_name("feed.md")
_BEGIN, _END = "<!-- generated: {} -->", "<!-- end -->"


class _AllRequired(GenerateJsonSchema):
    """Makes every field of a message required: an absent value is null."""

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        return True


def schema() -> dict[str, Any]:
    """The JSON schema of the server's messages, with the client's message as `$defs/Resume`."""
    messages = protocol.server_message.json_schema(mode="serialization", schema_generator=_AllRequired)
    messages["$defs"]["Resume"] = protocol.Resume.model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SUBPROTOCOL}",
        "title": f"Live feed of the tuner, version {VERSION}",
    }
    return head | {key: _open(value) for key, value in sorted(messages.items())}


def page() -> str:
    """The text of `feed.md` with its tables generated from the code."""
    text = PAGE.read_text()
    for name, table in _tables().items():
        begin = _BEGIN.format(name)
        before, _, after = text.partition(begin)
        text = f"{before}{begin}\n{table}{_END}{after.partition(_END)[2]}"
    return text


def write() -> None:
    SCHEMA.write_text(json.dumps(schema(), indent=1) + "\n")
    PAGE.write_text(page())


def _tables() -> dict[str, str]:
    return {
        "durable": _messages(protocol.DurableMessage),
        "samples": _messages(protocol.SampleMessage),
        "control": _messages(protocol.ControlMessage),
        "closed": "| code | meaning |\n| --- | --- |\n"
        + "".join(f"| {code} | {meaning} |\n" for code, meaning in sorted(CLOSED.items())),
    }


def _messages(union: Any) -> str:
    lines = ["| `type` | meaning | other fields |\n| --- | --- | --- |\n"]
    for kind in union.__args__:
        fields = [f"`{name}`" for name, field in kind.model_fields.items() if name != "type" and not field.exclude]
        meaning = kind.__doc__.split("\n\n")[0].replace("\n", " ").strip()
        lines.append(f"| `{kind.model_fields['type'].default}` | {meaning} | {' '.join(fields)} |\n")
    return "".join(lines)


def _open(value: Any) -> Any:
    """A schema that allows more fields: a later server of the same version may send some."""
    if isinstance(value, dict):
        return {key: _open(inner) for key, inner in value.items() if (key, inner) != ("additionalProperties", False)}
    return [_open(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    write()
