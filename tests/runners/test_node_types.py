"""What a deployment tells of the nodes that its cluster could bring, without Ray."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tuner.devices.capacity import Gpu, Node
from tuner.errors import FixInputError
from tuner.runners.node_types import node_types

LAUNCHER = {
    "cluster_name": "tuner",
    "head_node_type": "head",
    "available_node_types": {
        "head": {"resources": {"CPU": 0}, "node_config": {}},
        "cpu": {"resources": {"CPU": 16, "memory": 3e10}, "min_workers": 1, "max_workers": 12, "node_config": {}},
        "gpu": {"resources": {"CPU": 8, "GPU": 2, "accelerator_type:A10G": 1}, "max_workers": 8},
        "not now": {"resources": {"CPU": 64}, "max_workers": 0},
    },
}
A10G = Gpu("A10G", 24 * 10**9)


def test_nothing_told_is_nothing_to_come() -> None:
    assert node_types(None) == node_types("") == node_types("[]") == ()


def test_the_file_of_ray_up_tells_one_node_of_each_type_that_workers_can_be_of(tmp_path: Path) -> None:
    file = tmp_path / "ray_bootstrap_config.yaml"
    file.write_text(yaml.safe_dump(LAUNCHER))
    assert node_types(str(file)) == (Node(16, here=False), Node(8, (A10G, A10G), here=False))


def test_the_file_may_be_named_from_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "cluster.yaml").write_text(yaml.safe_dump(LAUNCHER))
    assert len(node_types("~/cluster.yaml")) == 2


def test_json_tells_what_each_type_has() -> None:
    assert node_types('[{"CPU": 8}, {"CPU": 4, "GPU": 1}]') == (Node(8, here=False), Node(4, (Gpu(),), here=False))


def test_a_kind_of_gpu_that_is_not_known_has_a_name_and_no_size() -> None:
    (node,) = node_types('[{"CPU": 4, "GPU": 1, "accelerator_type:B9000": 1}]')
    assert node.gpus == (Gpu("B9000"),)


def test_ray_knows_every_kind_of_gpu_by_its_name_here() -> None:
    from ray.util.accelerators import accelerators as known

    from tuner.runners.node_types import GPU_MEMORY_BYTES

    assert set(GPU_MEMORY_BYTES) <= {value for name, value in vars(known).items() if name.isupper()}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("/nowhere/cluster.yaml", "No such file"),
        ('[{"CPU": "many"}]', r"0\.CPU: Input should be a valid number"),
        ("[", "Invalid JSON"),
    ],
)
def test_what_cannot_be_read_is_one_line(told: str, said: str) -> None:
    with pytest.raises(FixInputError, match=rf"^TUNER_NODE_TYPES: .*{said}.* - give the path of") as error:
        node_types(told)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["a: [", "- 1", "head_node_type: head"])
def test_a_file_of_another_kind_is_one_line_too(text: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(FixInputError, match=r"^TUNER_NODE_TYPES: ") as error:
        node_types(str(tmp_path / "c.yaml"))
    assert "\n" not in str(error.value)
