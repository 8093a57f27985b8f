"""The node types of an autoscaled cluster, read from a setting of its deployment.

Ray does not report them: the cluster config in its state is empty as of 2.60
(https://github.com/ray-project/ray/pull/63012). Does not import Ray.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from tuner.devices.capacity import Gpu, Node
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
"""Memory of the smallest GPU of each kind, by its name in `ray.util.accelerators`, from NVIDIA's specifications."""

_ACCELERATOR = "accelerator_type:"
"""Prefix of the resource that names the kind of a node's GPUs in Ray."""

Resources = dict[str, float]


class _Type(BaseModel):
    resources: Resources = {}
    max_workers: int = 1


class _Launcher(BaseModel):
    """The part of a file for `ray up` that is read."""

    head_node_type: str
    available_node_types: dict[str, _Type]


def node_types(setting: str | None) -> tuple[Node, ...]:
    """Return one node of each type that worker nodes can have; nothing without a setting.

    Args:
        setting: Path of the file for `ray up` on the head (`~/ray_bootstrap_config.yaml`, to which Ray has added its
            defaults); or JSON with the resources of each type, by Ray's names:
            `[{"CPU": 16}, {"CPU": 8, "GPU": 1, "accelerator_type:L4": 1}]`. Anything else is a FixInputError.
    """
    if setting is None or not setting.strip():
        return ()
    try:
        types = (
            TypeAdapter(list[Resources]).validate_json(setting) if setting.lstrip()[0] == "[" else _launched(setting)
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise _wrong(f"{where}: {first['msg']}" if where else first["msg"]) from None
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
