"""Who may call."""

from __future__ import annotations

import pytest

from serve_app.security import token_matches


@pytest.mark.parametrize(
    ("given", "expected", "passes"),
    [
        (None, None, True),
        ("any", None, True),
        ("s3cret", "s3cret", True),
        (None, "s3cret", False),
        ("", "s3cret", False),
        ("s3cre", "s3cret", False),
        ("s3cretx", "s3cret", False),
        ("s3crét", "s3cret", False),
        ("\ud800", "s3cret", False),
    ],
)
def test_only_the_token_itself_passes_where_one_is_expected(
    given: str | None, expected: str | None, passes: bool
) -> None:
    assert token_matches(given, expected) is passes
