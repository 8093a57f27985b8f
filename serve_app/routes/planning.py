"""What could be searched and what it would cost: search spaces, estimates, and the devices of the cluster."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from serve_app import planning
from serve_app.planning_schemas import Devices, Estimate, SearchSpace
from serve_app.problems import responses
from serve_app.routes.common import RequestBody, StudyId
from serve_app.routing import new_routes
from serve_app.services import Services
from tuner.bounds import LONGEST_TEXT, MOST_PARAMETERS, at_most
from tuner.spec import StudySpec

Value = bool | int | float | Annotated[str, Field(max_length=LONGEST_TEXT)]


class EstimateRequest(RequestBody):
    """The study, and the hyperparameters of one network, to estimate."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"spec": {"dataset": "mnist"}, "hyperparameters": {"conv_layers": 2}}]}
    )

    spec: StudySpec
    hyperparameters: (
        Annotated[
            dict[Annotated[str, Field(max_length=LONGEST_TEXT)], Value], at_most(MOST_PARAMETERS, "hyperparameters")
        ]
        | None
    ) = Field(
        default=None,
        max_length=MOST_PARAMETERS,
        description="Of one network, whose layers and cost are returned too. Missing ones get a middle value. Null: no "
        "network.",
    )


def router(services: Services) -> APIRouter:
    routes = new_routes()
    estimates = planning.Estimates(services)

    @routes.get("/jobs/{id}/space", tags=["studies"], responses=responses(404))
    def space(name: StudyId) -> SearchSpace:
        """Return the parameters of a study's search space: bounds or choices, scale, and when each exists."""
        return planning.search_space(services, services.store.study(name))

    @routes.post("/estimate", tags=["options"])
    def estimate(request: EstimateRequest) -> Estimate:
        """Estimate what a study would search and cost, and the layers and cost of one network. Starts nothing."""
        return estimates.estimate(request.spec, request.hyperparameters)

    @routes.get("/devices", tags=["system"], responses=responses(503))
    def devices() -> Devices:
        """Return the machines of the Ray cluster with their CPUs, memory and GPUs."""
        return planning.devices(services.devices())

    return routes
