"""What nodes an autoscaled cluster could bring, as its deployment tells it.

Ray does not: neither of its two autoscalers says on which node types it decides. It has a place where they could
(`ray._private.state.state.get_cluster_config`), and leaves it empty as of 2.60:
https://github.com/ray-project/ray/pull/63012. Needs no Ray.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from tuner.devices import Gpu, Node
from tuner.errors import FixInputError, in_one_line

SETTING = "TUNER_NODE_TYPES"

GB = 10**9
GPU_MEMORY_BYTES = {
    "T4": 16 * GB,
    "V100": 16 * GB,
    "A10G": 24 * GB,
    "L4": 24 * GB,
    "L40S": 48 * GB,
    "A100": 40 * GB,
    "A100-40G": 40 * GB,
    "A100-80G": 80 * GB,
    "H100": 80 * GB,
    "H200": 141 * GB,
}
"""The smallest of each kind, by Ray's name of it (`ray.util.accelerators`), from its maker's table."""

_ACCELERATOR = "accelerator_type:"
"""Begins the name of a resource by which Ray tells the kind of a node's GPUs."""

Resources = dict[str, float]


class _Type(BaseModel):
    resources: Resources = {}
    max_workers: int = 1


class _Launcher(BaseModel):
    """The part of a file of `ray up` that is looked at."""

    head_node_type: str
    available_node_types: dict[str, _Type]


def node_types(told: str | None) -> tuple[Node, ...]:
    """A node of each type that workers can be of; none where nothing is told.

    Args:
        told: Path of a file for `ray up`, as it lies on the head (`~/ray_bootstrap_config.yaml`, with what Ray itself
            has filled in); or in JSON what each type has, by Ray's names:
            `[{"CPU": 16}, {"CPU": 8, "GPU": 1, "accelerator_type:L4": 1}]`.

    Raises:
        FixInputError: it is neither.
    """
    if told is None or not told.strip():
        return ()
    try:
        types = TypeAdapter(list[Resources]).validate_json(told) if told.lstrip()[0] == "[" else _launched(told)
    except ValidationError as error:
        said = error.errors()[0]
        where = ".".join(map(str, said["loc"]))
        raise _wrong(f"{where}: {said['msg']}" if where else said["msg"]) from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise _wrong(in_one_line(error)) from None
    return tuple(map(_node, types))


def _launched(path: str) -> list[Resources]:
    loaded = _Launcher.model_validate(yaml.safe_load(Path(path).expanduser().read_text()))
    workers = (kind for name, kind in loaded.available_node_types.items() if name != loaded.head_node_type)
    return [kind.resources for kind in workers if kind.max_workers > 0]


def _node(resources: Resources) -> Node:
    names = [name.removeprefix(_ACCELERATOR) for name in resources if name.startswith(_ACCELERATOR)]
    name = names[0] if names else None
    gpu = Gpu(name, GPU_MEMORY_BYTES.get(name) if name is not None else None)
    return Node(resources.get("CPU", 0), (gpu,) * int(resources.get("GPU", 0)), here=False)


def _wrong(what: str) -> FixInputError:
    return FixInputError(
        f"{SETTING}: {what}", remedy="give the path of ray_bootstrap_config.yaml, a JSON list, or leave it unset"
    )
