"""An on-demand node wherever no spot node is to be had, with an EC2 that is scripted."""

from __future__ import annotations

import pytest

pytest.importorskip("boto3")

from botocore.exceptions import ClientError
from ray.autoscaler._private.aws.node_provider import AWSNodeProvider
from ray.autoscaler._private.providers import _get_node_provider_cls
from ray.autoscaler.node_launch_exception import NodeLaunchException

from tuner.runners.spot_provider import MARKET, NO_SPOT_NODE, SpotNodeProvider

SPOT = {"InstanceType": "g5.2xlarge", "SubnetIds": ["subnet-1", "subnet-2"], MARKET: {"MarketType": "spot"}}
ON_DEMAND = {key: value for key, value in SPOT.items() if key != MARKET}
TAGS = {"ray-node-type": "worker", "ray-launch-config": "x", "ray-user-node-type": "gpu"}


class Ec2:
    """Answers requests for spot nodes as it is told, gives on-demand nodes, and keeps what was asked for."""

    def __init__(self, refusal: str | None) -> None:
        self.refusal, self.asked = refusal, []

    def create_instances(self, **request):
        self.asked.append(request)
        if self.refusal is not None and MARKET in request:
            raise ClientError({"Error": {"Code": self.refusal, "Message": "none"}}, "RunInstances")
        return []


def provider(ec2: Ec2) -> SpotNodeProvider:
    made = SpotNodeProvider.__new__(SpotNodeProvider)  # its constructor asks AWS
    made.provider_config, made.cluster_name, made.cache_stopped_nodes = {"type": "external"}, "tuner", False
    made.ec2_fail_fast = ec2
    return made


def markets(ec2: Ec2) -> list[bool]:
    """Whether each request was for a spot node."""
    return [MARKET in request for request in ec2.asked]


def test_a_spot_node_is_taken_where_there_is_one():
    ec2 = Ec2(None)
    provider(ec2).create_node(SPOT, TAGS, 3)
    assert markets(ec2) == [True]
    assert (ec2.asked[0]["MinCount"], ec2.asked[0]["MaxCount"]) == (1, 3)


@pytest.mark.parametrize("refusal", sorted(NO_SPOT_NODE))
def test_an_on_demand_node_of_the_same_type_is_taken_once_every_zone_had_no_spot_node(refusal):
    ec2 = Ec2(refusal)
    provider(ec2).create_node(SPOT, TAGS, 3)
    *spot, last = markets(ec2)
    assert all(spot)
    assert {request["SubnetId"] for request in ec2.asked[:-1]} == set(SPOT["SubnetIds"])
    assert (last, ec2.asked[-1]["InstanceType"], ec2.asked[-1]["MaxCount"]) == (False, "g5.2xlarge", 3)
    assert MARKET in SPOT  # what the cluster file says stays: the next node is a spot node again, if it can be


def test_a_request_that_is_wrong_is_refused_as_it_is():
    ec2 = Ec2("InvalidAMIID.NotFound")
    with pytest.raises(NodeLaunchException, match="InvalidAMIID"):
        provider(ec2).create_node(SPOT, TAGS, 1)
    assert all(markets(ec2))


def test_a_node_type_that_asks_for_no_spot_node_gets_what_it_asks_for():
    ec2 = Ec2("InsufficientInstanceCapacity")
    provider(ec2).create_node(ON_DEMAND, TAGS, 1)
    assert markets(ec2) == [False]


def test_it_is_what_ray_loads_by_the_name_in_the_cluster_file():
    assert (
        _get_node_provider_cls({"type": "external", "module": "tuner.runners.spot_provider.SpotNodeProvider"})
        is SpotNodeProvider
    )
    assert issubclass(SpotNodeProvider, AWSNodeProvider)
