"""Summaries of TensorBoard's HParams page: the search space of a study, and the start and end of a trial.

The page reads them from the run's metadata, by the tags and the protocol buffers of TensorBoard's plugin `hparams`
(`tensorboard/plugins/hparams/plugin_data.proto`). It shows the last value of each metric's scalar.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from tensorboardX.proto import api_pb2
from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData
from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata

from tuner.events import Scalar, SearchParameter, TrialStatus

PLUGIN = "hparams"
EXPERIMENT, SESSION_START, SESSION_END = (
    f"_hparams_/{name}" for name in ("experiment", "session_start_info", "session_end_info")
)
_SUCCESSES = ("completed", "pruned")


def experiment(name: str, began: datetime, space: Sequence[SearchParameter], metrics: Collection[str]) -> Any:
    """The columns of the page: all hyperparameters, with their possible values, and these scalars of each trial."""
    data = HParamsPluginData()
    data.experiment.name = name
    data.experiment.time_created_secs = began.timestamp()
    variants: dict[str, list[SearchParameter]] = {}
    for parameter in space:
        variants.setdefault(parameter.name, []).append(parameter)
    for shown, of_name in variants.items():
        info = data.experiment.hparam_infos.add(name=shown, description=of_name[0].meaning)
        _fill_domain(info, of_name)
    for tag in metrics:
        metric = data.experiment.metric_infos.add(display_name=tag.rpartition("/")[2])
        metric.name.tag = tag
    return _summary(EXPERIMENT, data)


def session_start(hyperparameters: Mapping[str, Scalar], began: datetime) -> Any:
    """The start of a trial: its values in the columns of the page."""
    data = HParamsPluginData()
    data.session_start_info.start_time_secs = began.timestamp()
    for name, value in hyperparameters.items():
        _fill_value(data.session_start_info.hparams[name], value)
    return _summary(SESSION_START, data)


def session_end(status: TrialStatus, ended: datetime) -> Any:
    """The end of a trial. A pruned one was a success: it did what it was asked."""
    data = HParamsPluginData()
    outcome = "STATUS_SUCCESS" if status in _SUCCESSES else "STATUS_FAILURE"
    data.session_end_info.status = api_pb2.Status.Value(outcome)
    data.session_end_info.end_time_secs = ended.timestamp()
    return _summary(SESSION_END, data)


def _summary(tag: str, data: HParamsPluginData) -> Summary:
    plugin = SummaryMetadata.PluginData(plugin_name=PLUGIN, content=data.SerializeToString())
    return Summary(value=[Summary.Value(tag=tag, metadata=SummaryMetadata(plugin_data=plugin))])


def _fill_domain(info: Any, variants: Sequence[SearchParameter]) -> None:
    choices = list(dict.fromkeys(choice for one in variants for choice in one.choices or ()))
    lows = [one.low for one in variants if one.low is not None]
    highs = [one.high for one in variants if one.high is not None]
    if choices and not lows:
        kinds = {_kind(choice) for choice in choices}
        info.type = api_pb2.DataType.Value(f"DATA_TYPE_{kinds.pop()}" if len(kinds) == 1 else "DATA_TYPE_UNSET")
        for choice in choices:
            _fill_value(info.domain_discrete.values.add(), choice)
    elif lows and highs and not choices:
        info.type = api_pb2.DataType.Value("DATA_TYPE_FLOAT64")
        info.domain_interval.min_value, info.domain_interval.max_value = min(lows), max(highs)


def _kind(value: Scalar) -> str:
    return "BOOL" if isinstance(value, bool) else "STRING" if isinstance(value, str) else "FLOAT64"


def _fill_value(field: Any, value: Scalar) -> None:
    match value:
        case bool():
            field.bool_value = value
        case str():
            field.string_value = value
        case _:
            field.number_value = value
