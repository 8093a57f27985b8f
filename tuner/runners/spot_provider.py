"""Ray's provider of AWS nodes, with a fallback to on-demand nodes if no spot node is available.

Ray's autoscaler requests spot nodes again and again: neither of its two versions uses another node type after a failed
launch. `cluster.yaml` names this class as its provider; `ray up` and the autoscaler on the head load it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ray.autoscaler.node_launch_exception import NodeLaunchException

from tuner.ray_internals import aws_node_provider

log = logging.getLogger(__name__)

MARKET = "InstanceMarketOptions"
"""Key of a node type's `node_config` that requests spot nodes."""

NO_SPOT_NODE = frozenset(
    {
        "InsufficientInstanceCapacity",  # AWS has none left in any of the zones
        "MaxSpotInstanceCountExceeded",  # the account may have no more
        "SpotMaxPriceTooLow",
    }
)
"""Errors of EC2 after which an on-demand node may still be available."""


class SpotNodeProvider(aws_node_provider()):  # type: ignore[misc]
    """Launches spot nodes for node types that request them, and on-demand nodes if no spot node is available."""

    def create_node(self, node_config: Mapping[str, Any], tags: Mapping[str, str], count: int) -> Any:
        """Launch `count` nodes; return what Ray's own provider returns, and raise its NodeLaunchException."""
        try:
            return super().create_node(dict(node_config), tags, count)
        except NodeLaunchException as error:
            if MARKET not in node_config or error.category not in NO_SPOT_NODE:
                raise
            log.warning("no spot node (%s): %d on demand instead", error.category, count)
            on_demand = {key: value for key, value in node_config.items() if key != MARKET}
            return super().create_node(on_demand, tags, count)
