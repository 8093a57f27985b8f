"""No text that a user reads contains a phrase that has to be decoded: help, messages, OpenAPI and pages.

The phrases are the left-hand side of the table "Plain English" of the project's style. Texts of the product are all
string literals with at least two words, without docstrings: errors, remedies, log lines, descriptions, advice.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import typer

from serve_app.app import make_app
from serve_app.feed import Feed
from serve_app.services import Services
from serve_app.settings import ServeSettings
from tests.serve_app.conftest import ScriptedLauncher
from tuner.store import Store

ROOT = Path(__file__).parents[1]
PACKAGES = ("tuner", "serve_app", "runpod_handler")
PHRASES = [
    r"unwell",
    r"nobody",
    r"for ever",
    r"(let|left|leaves?) alone",
    r"(what|that|which) (is|are|was) there",
    r"where (none|one|nothing|others?) (is|are|stand)\b",
    r"(is|are|was|were|be|been) told",
    r"(tells|told) (whether|of|that)",
    r"ones? that",
    r"so many",
    r"stands? idle",
    r"(is|was) nothing",
    r"nothing (more|else) that",
    r"should not - ",
    r"is answered",
    r"asked for",
    r"who has",
    r"gives? way",
    r"mend(s|ed)?",
]
BANNED = re.compile(rf"\b({'|'.join(PHRASES)})(?!\w)|(?:^|[.:;] )of that\b", re.IGNORECASE)


def found(texts: dict[str, str]) -> list[str]:
    """A line for each text with a banned phrase: where it is, the phrase, and the words around it."""
    return [
        f"{place}: {match[0]!r} in {text[max(0, match.start() - 50) : match.end() + 40]!r}"
        for place, text in texts.items()
        for match in BANNED.finditer(" ".join(text.split()))
        for text in [" ".join(text.split())]
    ]


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each string literal, f-strings whole, without docstrings."""
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pieces = [part.value if isinstance(part, ast.Constant) else "X" for part in node.values]
            yield node.lineno, "".join(map(str, pieces))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | parts:
            yield node.lineno, node.value


def test_the_phrases_are_found_in_a_text() -> None:
    assert found({"a": "what is unwell with a network"}) == ["a: 'unwell' in 'what is unwell with a network'"]
    assert found({"a": "Training problems and how to fix them."}) == []


def test_messages_and_descriptions() -> None:
    texts = {
        f"{file.relative_to(ROOT)}:{line}": text
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        for line, text in literals(ast.parse(file.read_text()))
        if " " in text.strip()
    }
    assert len(texts) > 1_000
    assert found(texts) == []


def test_help_of_every_command() -> None:
    from tuner.cli import app

    root = typer.main.get_command(app)
    commands = {"tuner": root}
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        commands[name] = command
        commands |= {f"{name} {sub}": one for sub, one in getattr(command, "commands", {}).items()}
    helps = {name: command.get_help(typer.Context(command, info_name=name)) for name, command in commands.items()}
    assert {"run", "resume", "serve", "datasets"} <= set(helps)
    assert found(helps) == []


def test_openapi(tmp_path: Path) -> None:
    settings = ServeSettings(results_dir=tmp_path, data_dir=None, database_url=None)
    with Store.open(settings.store_url()) as store:
        app = make_app(Services(settings, store, ScriptedLauncher(store, settings), Feed(store)))
        assert found({"openapi": json.dumps(app.openapi())}) == []


def test_pages() -> None:
    pages = [file for file in ROOT.rglob("*.md") if not {".venv", "node_modules"} & {*file.parts}]
    assert ROOT / "README.md" in pages
    assert found({str(file.relative_to(ROOT)): file.read_text() for file in pages}) == []


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150
