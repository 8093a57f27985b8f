"""A request to start a study that comes again finds the study that it has started."""

from __future__ import annotations

import pytest

from tests.store.samples import spec
from tuner.errors import FixInputError
from tuner.spec import parse_study_spec
from tuner.store import OtherRequestError, StartRequest, Store

FIRST = StartRequest.of("key-1", spec("a"))


def test_it_is_unknown_until_its_study_is_stored(store: Store) -> None:
    assert store.study_of_request(FIRST) is None
    store.create_study(spec("a"), folder="/a", request=FIRST)
    assert store.study_of_request(FIRST) == "a"


def test_other_content_with_its_key_is_refused(store: Store) -> None:
    store.create_study(spec("a"), folder="/a", request=FIRST)
    with pytest.raises(OtherRequestError, match="'key-1' was used for another request - choose a new key"):
        store.study_of_request(StartRequest.of("key-1", spec("b")))


def test_it_starts_one_study_though_it_comes_twice_at_once_without_a_name(store: Store) -> None:
    store.create_study(spec("a"), folder="/a", request=FIRST)
    with pytest.raises(FixInputError):
        store.create_study(spec("b"), folder="/b", request=FIRST)
    assert [study.name for study in store.studies()] == ["a"]


def test_it_is_forgotten_with_its_study(store: Store) -> None:
    store.create_study(spec("a"), folder="/a", request=FIRST)
    store.delete_study("a")
    assert store.study_of_request(FIRST) is None
    store.create_study(spec("a"), folder="/a", request=FIRST)


def test_the_same_content_has_the_same_fingerprint_in_any_order() -> None:
    one, other = ({"trials": 3, "dataset": "digits"}, {"dataset": "digits", "trials": 3})
    assert StartRequest.of("k", parse_study_spec(one)) == StartRequest.of("k", parse_study_spec(other))
    assert StartRequest.of("k", parse_study_spec(one)) != StartRequest.of("k", parse_study_spec({"trials": 3}))
