"""What a second costs."""

from __future__ import annotations

import pytest

from tuner.runners.runpod.prices import price_of


@pytest.mark.parametrize(
    ("gpu", "usd_per_s"),
    [
        ("NVIDIA GeForce RTX 4090", 0.00031),
        ("RTX 4090", 0.00031),
        ("NVIDIA RTX A4000", 0.00016),
        ("NVIDIA A40", 0.00034),
        ("NVIDIA L4", 0.00019),
        ("NVIDIA L40S", 0.00053),
        ("NVIDIA RTX 6000 Ada Generation", 0.00053),
        ("NVIDIA A100-SXM4-80GB", 0.00076),
        ("nvidia h100 pcie", 0.00116),
        ("NVIDIA H200", 0.00155),
    ],
)
def test_a_gpu_is_found_by_the_words_of_its_name(gpu, usd_per_s):
    assert price_of(gpu, {}) == usd_per_s


@pytest.mark.parametrize("gpu", [None, "", "TPU v9", "NVIDIA A4"])
def test_what_is_not_in_the_table_has_no_price(gpu):
    assert price_of(gpu, {}) is None


def test_the_users_table_comes_first():
    own = {"RTX 4090": 0.1, "TPU": 0.2}
    assert price_of("NVIDIA GeForce RTX 4090", own) == 0.1
    assert price_of("TPU v9", own) == 0.2
    assert price_of("NVIDIA L4", own) == 0.00019
