"""What the Tab key offers. Never raises and never writes: a shell that completes shows no errors."""

from __future__ import annotations

import os

from pydantic_core import PydanticUndefined

from tuner.console.arguments import field_kind
from tuner.console.formatting import scalar
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.spec_parts import HealthWeights
from tuner.store import Store

_WEIGHTS = {f"health_weights.{name}": info for name, info in HealthWeights.model_fields.items()}
_KEYS = {name: info for name, info in StudySpec.model_fields.items() if name != "health_weights"} | _WEIGHTS


def study_fields(incomplete: str) -> list[tuple[str, str]]:
    """`key=` for each field that begins so, with its meaning; once the key is known, the values that may follow."""
    key = _key_before()
    if key is not None:
        return [(value, "") for value in _values(key) if value.startswith(incomplete.removeprefix("="))]
    key, equals, begun = incomplete.partition("=")
    if equals:
        return [(f"{key}={value}", "") for value in _values(key) if value.startswith(begun)]
    names = [name for name in _KEYS if name.startswith(incomplete)]
    if len(names) == 1:
        # Never one alone: the shell would put a space behind the `=`.
        return [(f"{names[0]}={value}", "") for value in ["", *_values(names[0])]]
    return [(f"{name}=", _KEYS[name].description or "") for name in names]


def resume_fields(incomplete: str) -> list[tuple[str, str]]:
    """What `tuner resume` takes after the study's name."""
    forms = [("trials=", "new total number of trials"), ("trials=+", "number of additional trials")]
    return [(form, meaning) for form, meaning in forms if form.startswith(incomplete)]


def study_names(incomplete: str) -> list[tuple[str, str]]:
    """Names of studies that begin so, the newest first."""
    try:
        with Store.open(Settings().store_url(), create=False) as store:
            return [
                (row.name, f"{row.current_status}, {row.spec.dataset}")
                for row in store.studies()
                if row.name.startswith(incomplete)
            ]
    except Exception:  # noqa: BLE001 - see above
        return []


def _key_before() -> str | None:
    """The key in whose value the cursor stands, where the shell is bash: it takes `key`, `=` and `value` for words."""
    words = os.environ.get("COMP_WORDS", "").split()
    at = os.environ.get("COMP_CWORD", "")
    cursor = int(at) if at.isdigit() else 0
    for equals in (cursor, cursor - 1):
        if 1 < equals < len(words) and words[equals] == "=":
            return words[equals - 1]
    return None


def _values(key: str) -> list[str]:
    if key in _WEIGHTS:
        return [scalar(_WEIGHTS[key].default)]
    if key not in StudySpec.model_fields:
        return []
    if key == "dataset":
        from tuner.datasets.downloadable import DOWNLOADABLE

        return ["digits", "stdlib_docs", *DOWNLOADABLE]
    schema = StudySpec.model_json_schema()["properties"][key]
    kinds = [schema, *schema.get("anyOf", [])]
    values = [str(value) for kind in kinds for value in [*kind.get("enum", []), kind.get("const")] if value is not None]
    if any(kind.get("type") == "boolean" for kind in kinds):
        values = ["true", "false"]
    if field_kind(key).optional:
        return [*values, "none"]
    default = StudySpec.model_fields[key].default
    return values if values or default in (None, PydanticUndefined) else [scalar(default)]
