"""Text as users write it, in a file or behind a `=`, to plain values.

YAML with the scalars of its version 1.2: `1e-4` is a number, `010` is ten, `12:30` and `2026-01-02` are text, only true
and false are truth values. A key that comes twice in a mapping is refused.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from tuner.errors import FixInputError

_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """Plain values only: no anchors (a short file could stand for gigabytes), no tags of Python's."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - replaces PyYAML's own, of version 1.1

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "an alias (*) has no place here", mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [str(key.value) for key, _ in node.value]
        for key, (key_node, _) in zip(keys, node.value, strict=True):
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key} is given twice", key_node.start_mark)
        return dict(super().construct_mapping(node, deep))


_Loader.add_implicit_resolver(_TAG + "null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(_TAG + "bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(_TAG + "int", re.compile(r"^[-+]?\d+(?:_\d+)*$", re.ASCII), list("-+0123456789"))
_Loader.add_implicit_resolver(
    _TAG + "float", re.compile(r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$", re.ASCII), list("-+.0123456789")
)
_Loader.add_constructor(_TAG + "int", lambda _, node: int(node.value))
_Loader.add_constructor(_TAG + "float", lambda _, node: float(node.value))


def plain_value(text: str, where: str) -> Any:
    """The value of a piece of YAML. Raises FixInputError with `where` it was written if it is not YAML."""
    return construct(parse(text, where), where)


def parse(text: str, where: str) -> yaml.Node | None:
    """The root node of the one YAML document; None if it is empty."""
    try:
        root: yaml.Node | None = yaml.compose(text, _Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise _no_yaml(error, where) from None
    return root


def construct(node: yaml.Node | None, where: str) -> Any:
    """The plain value of a node. Raises FixInputError for a repeated key, a tag, a number with thousands of digits."""
    if node is None:
        return None
    loader = _Loader("")
    try:
        return loader.construct_document(node)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _no_yaml(error, where) from None
    finally:
        loader.dispose()


def is_null(node: yaml.Node) -> bool:
    """Whether the node is YAML's null."""
    return bool(node.tag == _TAG + "null")


def _no_yaml(error: Exception, where: str) -> FixInputError:
    problem, place = str(error), ""
    if isinstance(error, yaml.MarkedYAMLError):
        problem = error.problem or error.context or "it cannot be read"
        if error.problem_mark is not None:
            place = f" (line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1})"
    elif isinstance(error, RecursionError):
        problem = "it is nested too deeply"
    return FixInputError(
        f"{where} is no valid YAML: {' '.join(problem.split())}{place}", remedy="correct it, or put it in quotes"
    )
