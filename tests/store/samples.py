"""Events and specs to store: small ones by hand, and any at all by hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from hypothesis import strategies as st

from tuner.data_report import ClassCount, DataRecord, DataReport, Note
from tuner.events import (
    Architecture,
    Baseline,
    BaselineFitted,
    BestModel,
    DataRead,
    Devices,
    DurableEvent,
    EpochProgress,
    EpochSeconds,
    Finding,
    HealthMetrics,
    Layer,
    LayerHealth,
    LayerSummary,
    MeanAndPeak,
    Metrics,
    NewBest,
    Performance,
    Place,
    Refit,
    RemoteJob,
    Repeat,
    ResourceUse,
    SearchParameter,
    StartUp,
    StoppedBy,
    StudyChanged,
    StudyStatus,
    SuggestedBy,
    TrainingSummary,
    TrialBilled,
    TrialCause,
    TrialChanged,
    TrialComplete,
    TrialRepeated,
    TrialStart,
    VitalSigns,
)
from tuner.health.metrics import weighted_health
from tuner.objectives import Objective
from tuner.spec import StudySpec
from tuner.spec_parts import HealthWeights
from tuner.trial_spec import TrialSpec

T0 = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
DENSE = Layer(layer_id="dense", layer_type="Dense", input_shape=[None, 64], output_shape=[10], parameters=650, units=10)
CNN = Architecture(type="cnn", conv_layers=2, filters_per_layer=[16, 32], total_parameters=650, layers=[DENSE])
DATA = DataRecord(
    fingerprint="0123456789abcdef",
    report=DataReport(
        kind="image",
        samples="8 x 8 pixels, greyscale",
        classes=(
            ClassCount(label="ä\n", train=3, validation=2, test=1),
            ClassCount(label="b", train=3, validation=2, test=1),
        ),
        notes=(Note(kind="warning", text="all are alike"),),
    ),
)
BASELINE = Baseline(
    name="logistic regression over 8 x 8 pixels",
    val_accuracy=0.85,
    test_accuracy=0.8,
    majority_val_accuracy=0.5,
    training_samples=6,
    seconds=1.25,
)
SPACE = (
    SearchParameter(
        key="dropout", name="dropout", meaning="", kind="float", low=0.0, high=0.5, log=False, choices=None, when={}
    ),
    SearchParameter(
        key="a",
        name="a",
        meaning="b",
        kind="choice",
        low=None,
        high=None,
        log=False,
        choices=(1, 1.5, "x", True),
        when={"b": (1,)},
    ),
)
STOPPED_BY = StoppedBy(scheduler="asha", rung=1, value=0.3, cutoff=0.5, rank=4, of=4)
DEVICES = Devices(
    node="host-7",
    gpus=0.0,
    threads=1,
    replicas=1,
    batch_size=32,
    learning_rate=0.01,
    precision="float32",
    xla=False,
    steps_per_execution=1,
)
GOOD = Performance(total_score=0.9, accuracy=0.9, loss=0.3)
SUMMARY = TrainingSummary(
    learning_rate=0.01,
    recalls=(0.9, 0.5),
    confusion=((9, 1), (5, 5)),
    layers=(
        LayerSummary(
            layer_id="block1_conv", units=16, dead=0.0, gradient=0.01, weights=(-1, -0.5, -0.1, 0, 0.1, 0.5, 1)
        ),
        LayerSummary(layer_id="classes", weights=(0.0,) * 7, biases=(0.5,) * 7, drift=0.25),
    ),
)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def spec(name: str = "a", **fields: Any) -> StudySpec:
    return StudySpec(run_name=name, **fields)


def trial_spec(number: int, of: StudySpec, hyperparameters: dict[str, Any], epochs: int, **fields: Any) -> TrialSpec:
    """What a worker gets of a study."""
    given = {"architecture": "cnn", "objective": of.objectives[0]}
    return TrialSpec(
        study=of.run_name or "",
        trial_number=number,
        data=of.data,
        hyperparameters=hyperparameters,
        epochs=epochs,
        **(given | fields),
    )


def start(number: int = 1, **fields: Any) -> TrialStart:
    given = {"trial_id": f"a-{number:05d}", "hyperparameters": {"learning_rate": 0.01}, "architecture": CNN, "time": T0}
    return TrialStart(trial_number=number, **(given | fields))


def epoch(epoch: int = 1, number: int = 1, loss: float = 0.5, **fields: Any) -> EpochProgress:
    given = {
        "epochs": 10,
        "train": Metrics(loss=loss, accuracy=0.7),
        "validation": Metrics(loss=0.6, accuracy=0.8),
        "objective": 0.8,
        "duration_s": 1.5,
        "inference_ms": 0.25,
        "time": at(epoch),
    }
    return EpochProgress(trial_number=number, epoch=epoch, **(given | fields))


def complete(number: int = 1, **fields: Any) -> TrialComplete:
    given = {
        "trial_id": f"a-{number:05d}",
        "status": "completed",
        "cause": "all_epochs",
        "reason": "trained all epochs",
        "hyperparameters": {"learning_rate": 0.01},
        "time": at(60),
    }
    return TrialComplete(trial_number=number, **(given | fields))


def health(*insufficient: str, **metrics: float) -> HealthMetrics:
    """Health by the default weights: what is not given is 0.9, what lacked data 0.5."""
    given = {name: 0.5 if name in insufficient else metrics.get(name, 0.9) for name in HealthWeights.model_fields}
    return weighted_health(
        {name: None if name in insufficient else value for name, value in given.items()}, HealthWeights()
    )


def vital_signs(*layers: LayerHealth, **fields: Any) -> VitalSigns:
    """Of a network of one convolution and one dense layer, both well."""
    well = (
        LayerHealth(layer_id="block1_conv", units=16, dead=0.0, gradient=0.01, update=0.003),
        LayerHealth(layer_id="dense1", units=64, dead=0.0, gradient=0.02, update=0.002),
        LayerHealth(layer_id="classes", gradient=0.03, update=0.001),
    )
    given = {"gradient_norm": 0.25, "train_validation_gap": 0.02, "layers": layers or well}
    return VitalSigns(**(given | fields))


def finding(name: str = "dying_units", epoch: int = 2, **fields: Any) -> Finding:
    given = {"evidence": "41 % of block1_conv's units are dead", "layer_id": "block1_conv"}
    return Finding(name=name, epoch=epoch, **(given | fields))


_numbers = st.integers(1, 2**31 - 1)
_floats = st.floats(allow_nan=False, allow_infinity=False)
_texts = st.text(st.characters())  # NUL and lone surrogates too: a traceback may hold anything
_times = st.datetimes(timezones=st.just(UTC))
_names = st.text(st.characters(exclude_categories=["Cs"]))
_hyperparameters = st.dictionaries(_names, st.booleans() | st.integers(-(2**63), 2**63 - 1) | _floats | _texts)
_metrics = st.builds(Metrics, loss=_floats, accuracy=_floats)
_performances = st.builds(Performance, total_score=_floats, accuracy=_floats, loss=_floats)
_shapes = st.lists(st.none() | _numbers, max_size=4)
_layers = st.builds(
    Layer, layer_id=_texts, layer_type=_texts, input_shape=_shapes, output_shape=_shapes, parameters=_numbers
)
_devices = st.builds(
    Devices,
    node=_texts,
    gpus=st.floats(0, 8),
    names=st.lists(_texts, max_size=3).map(tuple),
    threads=_numbers,
    replicas=_numbers,
    batch_size=_numbers,
    learning_rate=_floats,
    precision=st.sampled_from(["float32", "mixed_bfloat16"]),
    xla=st.booleans(),
    steps_per_execution=_numbers,
    why=st.lists(_texts, max_size=3).map(tuple),
    retried=st.booleans(),
)
_means = st.builds(MeanAndPeak, mean=_floats, peak=_floats)
_uses = st.builds(ResourceUse, samples=_numbers, cpu_percent=_means, memory_bytes=st.none() | _means)
any_architecture = st.builds(
    Architecture, type=_texts, total_parameters=_numbers, activation=st.none() | _texts, layers=st.lists(_layers)
)

_jobs = st.builds(
    RemoteJob,
    job_id=st.text("abc-0", min_size=1, max_size=200),
    status=st.sampled_from(["COMPLETED", "CANCELLED"]),
    gpu=st.none() | _texts,
    queued_s=st.none() | _floats,
    billed_s=_floats,
    cost_usd=st.none() | _floats,
    saved_s=st.none() | _floats,
)

_repeats = st.builds(Repeat, epochs=_numbers, accuracy=_floats, accuracy_gap=_floats, largest_difference=_floats)

any_event: st.SearchStrategy[DurableEvent] = st.one_of(
    st.builds(
        StudyStatus,
        time=_times,
        status=st.sampled_from(["running", "completed", "failed", "cancelled"]),
        reason=st.none() | _texts,
        start_up=st.none() | st.builds(StartUp, imports_s=_floats, data_s=_floats, cluster_s=_floats, checks_s=_floats),
    ),
    st.builds(DataRead, time=_times, data=st.just(DATA), space=st.none() | st.just(SPACE)),
    st.builds(BaselineFitted, time=_times, baseline=st.just(BASELINE)),
    st.builds(
        TrialStart,
        time=_times,
        trial_number=_numbers,
        trial_id=_texts,
        hyperparameters=_hyperparameters,
        architecture=any_architecture,
        resumed_from_epoch=st.integers(0, 10),
        cloned_from=st.none() | _numbers,
        devices=st.none() | _devices,
        place=st.sampled_from(get_args(Place)),
        why_local=st.none() | _texts,
        suggested_by=st.none() | st.sampled_from(get_args(SuggestedBy)),
        queued_s=st.none() | _floats,
        imports_s=st.none() | _floats,
    ),
    st.builds(
        EpochProgress,
        time=_times,
        trial_number=_numbers,
        epoch=_numbers,
        epochs=_numbers,
        train=_metrics,
        validation=_metrics,
        objective=_floats,
        val_balanced_accuracy=st.none() | _floats,
        val_macro_f1=st.none() | _floats,
        duration_s=_floats,
        inference_ms=_floats,
        seconds=st.none() | st.builds(EpochSeconds, training=_floats, validation=_floats, measuring=_floats),
        last=st.booleans(),
        resources=st.none() | _uses,
        summary=st.none() | st.just(SUMMARY),
        snapshot=st.none(),
    ),
    st.builds(
        TrialComplete,
        time=_times,
        trial_number=_numbers,
        trial_id=_texts,
        status=st.sampled_from(["completed", "pruned", "diverged", "rejected", "failed", "cancelled"]),
        cause=st.sampled_from(get_args(TrialCause)),
        reason=_texts,
        hyperparameters=_hyperparameters,
        values=st.dictionaries(st.sampled_from(get_args(Objective)), _floats),
        performance=st.none() | _performances,
        objective=st.none() | _floats,
        best_epoch=st.none() | _numbers,
        resources=st.none() | _uses,
        epochs_trained=_numbers,
        duration_seconds=_floats,
        error=st.none() | _texts,
        stopped_by=st.none() | st.just(STOPPED_BY),
        cancelled_by_person=st.booleans(),
    ),
    st.builds(TrialBilled, time=_times, trial_number=_numbers, job=_jobs),
    st.builds(TrialRepeated, time=_times, trial_number=_numbers, repeat=_repeats),
    st.builds(NewBest, time=_times, trial_number=_numbers, objective=_floats, performance=_performances),
    st.builds(
        BestModel,
        time=_times,
        trial_number=_numbers,
        val_accuracy=_floats,
        test_accuracy=_floats,
        test_loss=_floats,
        folder=_texts,
        retrained_val_accuracy=st.none() | _floats,
        refit=st.none() | st.builds(Refit, epochs=_numbers, samples=_numbers, seconds=_floats),
    ),
    st.builds(
        StudyChanged,
        time=_times,
        changed=st.sampled_from([("note",), ("tags", "note"), ("concurrent_workers",)]),
        note=st.none() | _texts,
        tags=st.lists(_names, max_size=3).map(tuple),
        concurrent_workers=_numbers,
    ),
    st.builds(
        TrialChanged,
        time=_times,
        trial_number=_numbers,
        changed=st.sampled_from([("note",), ("starred", "note"), ("cancel_requested_at",)]),
        note=st.none() | _texts,
        starred=st.booleans(),
        cancel_requested_at=_times,
    ),
)
