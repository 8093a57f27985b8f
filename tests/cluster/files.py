"""The files of the cluster, as their tests read them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
LAUNCHER = ("cluster.yaml", "cluster/aws.yaml", "cluster/gcp.yaml", "cluster/on-premises.yaml")
"""Files for `ray up`."""
KUBERAY = ("cluster/raycluster.yaml", "cluster/rayjob.yaml", "cluster/rayservice.yaml")


def text(name: str) -> str:
    return (ROOT / name).read_text()


def loaded(name: str) -> dict[str, Any]:
    """A new copy each time, without parts that several places share by an anchor: Ray changes what it is given."""
    found: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(text(name))))
    return found


def board() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text("cluster/grafana-dashboard.json"))
    return found


def locked(package: str) -> str:
    """The version of a package in the lock."""
    (version,) = re.findall(rf"^{re.escape(package)}==([^\s;]+)", text("requirements.lock"), re.M)
    return str(version)


def ray_cluster(name: str) -> dict[str, Any]:
    """What a KubeRay file says of its cluster, as a RayCluster of its own."""
    found = loaded(name)
    spec = found["spec"]
    spec = spec.get("rayClusterSpec") or spec.get("rayClusterConfig") or spec
    return {"apiVersion": found["apiVersion"], "kind": "RayCluster", "metadata": found["metadata"], "spec": spec}
