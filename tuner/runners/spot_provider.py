"""Ray's launcher of AWS nodes, with an on-demand node wherever no spot node is to be had.

Ray's autoscaler asks for a spot node again and again where there is none: neither of its two versions takes another
node type after a launch that failed. `cluster.yaml` names this class as its provider; `ray up` loads it, and the
autoscaler on the head. All but the fallback is Ray's own.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ray.autoscaler.node_launch_exception import NodeLaunchException

from tuner.ray_internals import aws_node_provider

log = logging.getLogger(__name__)

MARKET = "InstanceMarketOptions"
"""Key of a node type's `node_config` that asks for a spot node."""

NO_SPOT_NODE = frozenset(
    {
        "InsufficientInstanceCapacity",  # AWS has none left, in any of the zones
        "MaxSpotInstanceCountExceeded",  # the account may have no more
        "SpotMaxPriceTooLow",
    }
)
"""What EC2 answers where an on-demand node may be had still."""


class SpotNodeProvider(aws_node_provider()):  # type: ignore[misc]
    """Launches spot nodes for a node type that asks for them, and on-demand nodes of that type where there are none."""

    def create_node(self, node_config: Mapping[str, Any], tags: Mapping[str, str], count: int) -> Any:
        """Launch so many nodes; gives what Ray's own provider gives.

        Raises:
            NodeLaunchException: there is neither; or something is wrong with the request.
        """
        try:
            return super().create_node(dict(node_config), tags, count)
        except NodeLaunchException as error:
            if MARKET not in node_config or error.category not in NO_SPOT_NODE:
                raise
            log.warning("no spot node (%s): %d on demand instead", error.category, count)
            on_demand = {key: value for key, value in node_config.items() if key != MARKET}
            return super().create_node(on_demand, tags, count)
