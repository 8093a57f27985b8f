"""How weights come back: in the answer while they are small, else by a bucket, else not, with the reason."""

from __future__ import annotations

import httpx
import numpy as np
import pytest

from runpod_handler.answers import INLINE_BYTES, weights_values
from tests.runpod.bucket import TinyBucket
from tuner.remote_protocol import WeightsAddress, WeightsPart, WeightsUnavailable, digest, joined, unpack

SMALL = [np.arange(10, dtype=np.float32)]
LARGE = [np.random.default_rng(0).normal(size=2_000_000).astype(np.float32)]
NAMES = ("BUCKET_ENDPOINT_URL", "BUCKET_ACCESS_KEY_ID", "BUCKET_SECRET_ACCESS_KEY")


@pytest.fixture
def bucket(monkeypatch):
    with TinyBucket() as bucket:
        for name, value in bucket.environment.items():
            monkeypatch.setenv(name, value)
        yield bucket


@pytest.fixture
def no_bucket(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_small_weights_come_within_the_answer(no_bucket):
    parts = list(weights_values(SMALL, "a", sent_bytes=0))
    assert all(isinstance(part, WeightsPart) for part in parts)
    assert np.array_equal(unpack(joined(parts))[0], SMALL[0])


def test_the_answer_as_a_whole_stays_below_its_limit(no_bucket):
    (told,) = weights_values(SMALL, "a", sent_bytes=INLINE_BYTES - 100)
    assert isinstance(told, WeightsUnavailable)


def test_large_weights_come_by_the_bucket_whose_address_needs_no_key(bucket):
    (address,) = weights_values(LARGE, "a-00001", sent_bytes=0)
    assert isinstance(address, WeightsAddress)
    fetched = httpx.get(address.url).raise_for_status().content
    assert (len(fetched), digest(fetched)) == (address.bytes, address.sha256)
    assert np.array_equal(unpack(fetched)[0], LARGE[0])
    assert bucket.secret_access_key not in address.url


def test_without_a_bucket_the_reason_is_told(no_bucket):
    (told,) = weights_values(LARGE, "a", sent_bytes=0)
    assert told == WeightsUnavailable(
        unavailable="7.4 MB of weights are too large for an answer, and the worker has no bucket: "
        "set BUCKET_ENDPOINT_URL there"
    )


def test_an_incomplete_bucket_is_told_by_what_is_missing(no_bucket, monkeypatch):
    monkeypatch.setenv("BUCKET_ENDPOINT_URL", "http://127.0.0.1:9")
    (told,) = weights_values(LARGE, "a", sent_bytes=0)
    assert told.unavailable.endswith("set BUCKET_ACCESS_KEY_ID and BUCKET_SECRET_ACCESS_KEY there")


def test_a_bucket_that_refuses_or_is_away_is_told_without_its_keys(bucket, monkeypatch):
    bucket.refuse_with = 403
    (refused,) = weights_values(LARGE, "a", sent_bytes=0)
    assert refused.unavailable.endswith("and the bucket tuner answered AccessDenied")
    monkeypatch.setenv("BUCKET_ENDPOINT_URL", "http://127.0.0.1:9")
    (away,) = weights_values(LARGE, "a", sent_bytes=0)
    assert away.unavailable.endswith("and the bucket tuner cannot be reached: EndpointConnectionError")
    for told in (refused, away):
        assert bucket.access_key_id not in told.unavailable
        assert bucket.secret_access_key not in told.unavailable
