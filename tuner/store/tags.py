"""The condition that a study has a tag, on each database: its tags are a JSON list."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles


class _HasTag(sa.sql.expression.FunctionElement[bool]):
    """Whether a JSON list, the first argument, has the text that is the second one. A null list has none."""

    type = sa.Boolean()
    inherit_cache = True
    name = "has_tag"


@compiles(_HasTag)
def _has_tag(element: Any, compiler: Any, **options: Any) -> str:
    tags, tag = (compiler.process(one, **options) for one in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({tags}) AS tag WHERE tag.value = {tag})"


@compiles(_HasTag, "postgresql")
def _has_tag_in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    tags, tag = (compiler.process(one, **options) for one in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_array_elements_text({tags}) AS tag(value) WHERE tag.value = {tag})"


def has_tag(tags: sa.ColumnElement[Any], tag: str) -> sa.ColumnElement[bool]:
    """The condition that the JSON list in this column has this tag."""
    return _HasTag(tags, sa.literal(tag, sa.Text))
