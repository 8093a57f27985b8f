"""Event files, read back by TensorBoard's own reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import api_pb2, metadata
from tensorboard.util import tensor_util

from tests.study.loggers.scripted_study import AFTER, BEFORE, NAME, ScriptedStudy, best_model, epoch, start
from tuner.study.loggers import follower, logged
from tuner.study.loggers.follower import WrittenNumber
from tuner.study.loggers.values import OF_ALL, distributions
from tuner.study.stop_signal import StopSignal


@pytest.fixture
def study(tmp_path: Path) -> ScriptedStudy:
    return ScriptedStudy(tmp_path, "tensorboard")


def log_all(study: ScriptedStudy) -> None:
    with logged(study.store, NAME, study.paths, StopSignal()):
        pass


def read(study: ScriptedStudy, run: str) -> EventAccumulator:
    found = EventAccumulator(
        str(study.paths.folder / "tensorboard" / run), size_guidance={"tensors": 0, "scalars": 0, "histograms": 0}
    )
    found.Reload()
    return found


def scalars(run: EventAccumulator, name: str) -> list[tuple[int, float]]:
    """Steps and values; TensorBoard turns scalars of this form into tensors or keeps them."""
    if name in run.Tags()["scalars"]:
        return [(point.step, point.value) for point in run.Scalars(name)]
    return [(point.step, float(tensor_util.make_ndarray(point.tensor_proto))) for point in run.Tensors(name)]


def hparams_data(run: EventAccumulator, tag: str) -> Any:
    content = run.SummaryMetadata(tag).plugin_data.content
    parse = {
        metadata.EXPERIMENT_TAG: metadata.parse_experiment_plugin_data,
        metadata.SESSION_START_INFO_TAG: metadata.parse_session_start_info_plugin_data,
        metadata.SESSION_END_INFO_TAG: metadata.parse_session_end_info_plugin_data,
    }
    return parse[tag](content)


def test_scalars_of_a_trial_are_those_of_its_epochs(study):
    study.append(*BEFORE)
    log_all(study)
    run = read(study, "trial-00001")
    assert scalars(run, "accuracy/validation") == [(1, 0.5), (2, 0.75)]
    assert scalars(run, "loss/training") == [(1, 1.5), (2, 1.25)]
    assert scalars(run, "learning_rate") == [(1, pytest.approx(0.001)), (2, pytest.approx(0.001))]
    assert scalars(run, "gradients/block1_conv") == [(1, 0.5), (2, 0.5)]
    assert scalars(run, "dead_units/block1_conv") == [(1, 0.25), (2, 0.25)]
    assert scalars(run, "weight_drift/block1_conv") == [(1, 0.125), (2, 0.125)]
    assert scalars(run, "result/val_accuracy") == [(3, 0.75)]
    assert [event.wall_time for event in run.Scalars("accuracy/validation")] == [
        BEFORE[4].time.timestamp(),
        BEFORE[5].time.timestamp(),
    ]


def test_the_study_has_its_best_result_by_ended_trials_its_baseline_and_its_test(study):
    study.append(*BEFORE, *AFTER, best_model(study.paths.folder))
    log_all(study)
    assert scalars(read(study, "study"), "best/val_accuracy") == [(1, 0.75), (2, 0.75), (3, 0.875)]
    assert scalars(read(study, "baseline"), "baseline/val_accuracy") == [(4, pytest.approx(0.85))]
    number = len(BEFORE) + len(AFTER) + 1
    assert scalars(read(study, "best_model"), "best_model/test_accuracy") == [(number, pytest.approx(0.8))]


def test_histograms_have_the_quantiles_as_edges(study):
    study.append(*BEFORE)
    log_all(study)
    run = read(study, "trial-00001")
    assert set(run.Tags()["histograms"]) == {"weights/block1_conv", "biases/block1_conv"}
    points = run.Histograms("weights/block1_conv")
    assert [point.step for point in points] == [1, 2]
    shown = points[0].histogram_value
    assert (shown.min, shown.max, shown.num) == (-0.5, 0.5, pytest.approx(OF_ALL))
    assert shown.bucket_limit == [-0.25, -0.125, 0.0, 0.125, 0.25, 0.5]
    assert shown.bucket == pytest.approx([50, 200, 250, 250, 200, 50])


@pytest.mark.parametrize(
    "quantiles",
    [
        (0.0,) * 7,
        (-1.0,) * 7,
        (0.0, 0.0, 0.0, 0.0, 0.1, 0.2, 0.3),
        (-1.0, 0, 0, 0, 0, 0, 1.0),
        (-3, -2, -1, 0, 0, 0, 0),
    ],
)
def test_edges_rise_and_all_values_are_counted(quantiles):
    of = epoch(1, 1, 0.5, 0)
    layer = of.summary.layers[0].model_copy(update={"weights": quantiles, "biases": None})
    summary = of.summary.model_copy(update={"layers": (layer,)})
    [(name, edges, counts)] = distributions(of.model_copy(update={"summary": summary}))
    assert name == "weights/block1_conv"
    assert len(edges) == len(counts) + 1
    assert np.all(np.diff(edges) > 0)
    assert sum(counts) == pytest.approx(OF_ALL)
    assert edges[0] == quantiles[0]
    assert edges[-1] == pytest.approx(quantiles[-1], abs=1e-4)


def test_the_hparams_page_has_the_space_the_values_and_the_results(study):
    study.append(*BEFORE, *AFTER)
    log_all(study)
    shown = hparams_data(read(study, "study"), metadata.EXPERIMENT_TAG)
    infos = {info.name: info for info in shown.hparam_infos}
    assert list(infos) == ["optimizer", "learning_rate", "batch_size", "augmentation"]
    assert [value.string_value for value in infos["optimizer"].domain_discrete.values] == ["adam", "sgd"]
    interval = infos["learning_rate"].domain_interval
    assert (interval.min_value, interval.max_value) == (1e-4, 1e-1)  # of both variants
    assert infos["augmentation"].type == api_pb2.DATA_TYPE_BOOL
    assert infos["batch_size"].type == api_pb2.DATA_TYPE_FLOAT64
    assert [info.name.tag for info in shown.metric_infos][:2] == ["result/val_accuracy", "result/val_loss"]

    trial = read(study, "trial-00001")
    began = hparams_data(trial, metadata.SESSION_START_INFO_TAG)
    assert began.hparams["optimizer"].string_value == "adam"
    assert began.hparams["learning_rate"].number_value == 0.001
    assert began.hparams["augmentation"].bool_value is True
    assert hparams_data(trial, metadata.SESSION_END_INFO_TAG).status == api_pb2.STATUS_SUCCESS


def test_tensorboard_s_own_page_lists_each_trial_with_its_result(study):
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.context import RequestContext
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.hparams.backend_context import Context
    from tensorboard.plugins.hparams.list_session_groups import Handler

    study.append(*BEFORE, *AFTER)
    log_all(study)
    folder = str(study.paths.folder / "tensorboard")
    multiplexer = EventMultiplexer().AddRunsFromDirectory(folder)
    multiplexer.Reload()
    context = Context(TBContext(data_provider=MultiplexerDataProvider(multiplexer, folder), logdir=folder))
    column = api_pb2.ColParams(hparam="learning_rate")
    request = api_pb2.ListSessionGroupsRequest(
        start_index=0,
        slice_size=10,
        col_params=[column],
        allowed_statuses=[api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE, api_pb2.STATUS_RUNNING],
    )
    metadata_by_run = context.hparams_metadata(RequestContext(), "")
    experiment = context.experiment_from_metadata(RequestContext(), "", True, metadata_by_run, [])
    handler = Handler(request_context=RequestContext(), backend_context=context, experiment_id="", request=request)
    groups = handler.run().session_groups
    results = {
        group.sessions[0].name: {value.name.tag: value.value for value in group.metric_values} for group in groups
    }
    assert experiment.name == NAME
    assert {name: shown["result/val_accuracy"] for name, shown in results.items()} == {
        "trial-00001": 0.75,
        "trial-00003": 0.875,
    }


def test_after_a_resume_no_point_is_doubled_and_the_later_run_counts(study):
    study.append(*BEFORE)
    log_all(study)
    study.append(*AFTER)
    log_all(study)
    run = read(study, "trial-00003")
    assert scalars(run, "accuracy/validation") == [(1, 0.25), (2, 0.625), (3, 0.875)]
    assert scalars(run, "result/val_accuracy") == [(4, 0.875)]
    assert [point.step for point in run.Histograms("weights/block1_conv")] == [1, 2, 3]
    assert [step for step, _ in scalars(read(study, "study"), "best/val_accuracy")] == [1, 2, 3]


@pytest.mark.parametrize("known", range(len(BEFORE)))
def test_a_kill_between_writing_and_noting_the_number_doubles_nothing(study, known):
    study.append(*BEFORE)
    log_all(study)
    WrittenNumber(study.paths.folder / "loggers" / "tensorboard.json").write(known)
    study.append(*AFTER)
    log_all(study)
    assert scalars(read(study, "trial-00001"), "accuracy/validation") == [(1, 0.5), (2, 0.75)]
    assert scalars(read(study, "trial-00001"), "result/val_accuracy") == [(3, 0.75)]
    assert scalars(read(study, "trial-00003"), "accuracy/validation") == [(1, 0.25), (2, 0.625), (3, 0.875)]
    assert [step for step, _ in scalars(read(study, "study"), "best/val_accuracy")] == [1, 2, 3]
    assert len(scalars(read(study, "baseline"), "baseline/val_accuracy")) == 1


def test_a_trial_that_starts_again_in_the_same_run_replaces_its_points(study):
    study.append(start(1, 0), epoch(1, 1, 0.25, 1), epoch(1, 2, 0.5, 2), start(1, 3), epoch(1, 1, 0.75, 4))
    log_all(study)
    assert scalars(read(study, "trial-00001"), "accuracy/validation") == [(1, 0.75)]


def test_a_trial_that_never_started_is_no_run(study):
    study.append(*BEFORE)
    log_all(study)
    assert sorted(path.name for path in (study.paths.folder / "tensorboard").iterdir()) == [
        "baseline",
        "study",
        "trial-00001",
        "trial-00003",
    ]


def test_values_can_be_read_while_the_study_runs(study, monkeypatch):
    import time

    monkeypatch.setattr(follower, "POLL_S", 0.01)
    with logged(study.store, NAME, study.paths, StopSignal()):
        study.append(*BEFORE[:6])
        number = WrittenNumber(study.paths.folder / "loggers" / "tensorboard.json")
        until = time.monotonic() + 20
        while number.read() < 6 and time.monotonic() < until:
            time.sleep(0.02)
        assert scalars(read(study, "trial-00001"), "accuracy/validation") == [(1, 0.5), (2, 0.75)]
