"""Runs a study from its beginning to its end: the one place where plan, Ray Tune, store and files come together.

A study is first put down in the database (`tuner.study.start`) and then driven. `run` does both in one call, `add` and
`resume` do the same in two, maybe on different machines. Whatever can be wrong with a new study is found before `run`
writes anything. A study that was only put down and cannot begin becomes a failed one, whose log file says why.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from tuner.data_report import DataRecord
from tuner.datasets.report import named
from tuner.errors import ClusterLostError, FixInputError, StudyFailedError, TryAgainError, TunerError
from tuner.events import DataRead, StartUp, StudyStatus
from tuner.runners.cluster import ray_cluster
from tuner.runners.node_types import node_types
from tuner.runners.shared_folder import open_folder
from tuner.search.notes import search_notes
from tuner.search.space_description import described
from tuner.search.time_budget import TimeBudget
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import DriverStore, Store
from tuner.study import storage
from tuner.study.acceptance import spec_to_resume
from tuner.study.cancellation import ended_since
from tuner.study.cluster_capacity import ClusterCapacity, check_resources, resources_of, wait_for_gpus
from tuner.study.event_text import event_line
from tuner.study.lease import hold_lease
from tuner.study.loggers import check_loggers, logged
from tuner.study.parity import repeat_remote_trials
from tuner.study.paths import StudyPaths
from tuner.study.plan import Plan, complete, make_plan
from tuner.study.result import StudyResult, view
from tuner.study.start import check_new, create, study_name
from tuner.study.stop_signal import StopSignal, StudyEnd
from tuner.study.study_log import StudyLog, log_to
from tuner.study.warm_start import check_warm_start

log = logging.getLogger("tuner.study")

CLUSTER_END_S, CLUSTER_LOOK_S = 10.0, 0.1
"""Longest wait for the end of a cluster that has lost a worker, and the time between two looks."""


def run(
    spec: StudySpec,
    *,
    settings: Settings | None = None,
    signal: StopSignal | None = None,
    on_dashboard: Callable[[str], None] = lambda address: None,
    began: float | None = None,
) -> StudyResult:
    """Run a new study and return what it came to, also when it was cancelled (Ctrl-C).

    Args:
        signal: Lets a caller end the study from another thread.
        on_dashboard: Called with the address of Ray's dashboard, if there is one.
        began: `time.monotonic()` at which the command began whose imports are a part of the run; None: now.

    Raises:
        FixInputError: the spec, its data or its model is wrong. Nothing was written.
        StudyFailedError: every trial failed, or the database stayed away for minutes; the message says why.
        LeaseLostError: this process was silent for so long that another one took the study over.
        ClusterLostError: the Ray cluster ended; the study is interrupted.
    """
    settings, signal, clock = settings or Settings(), signal or StopSignal(), _Clock(began)
    spec = complete(spec, settings)
    with Store.open(settings.store_url()) as store:
        check_new(store, spec, settings)
        with _prepared(store, spec, settings, on_dashboard, clock, new=True) as (plan, capacity):
            name = create(store, plan.spec, settings)
            paths = storage.paths_of(plan.spec, settings.results_dir)
            with hold_lease(name, settings.store_url(), signal) as driven, log_to(paths.log):
                return _drive(driven, plan, paths, capacity, signal, clock)


def resume(
    name: str,
    *,
    trials: int | None = None,
    model: str | Callable[..., Any] | None = None,
    after: int | None = None,
    settings: Settings | None = None,
    signal: StopSignal | None = None,
    on_dashboard: Callable[[str], None] = lambda address: None,
    began: float | None = None,
) -> StudyResult:
    """Continue a study that was stopped, killed or only put down, or train more trials of a finished one.

    Trials that ended stay; those that were interrupted continue; the study ends with the trials asked for.

    Args:
        trials: New total number of trials; None: as asked for at the start.
        model: The own model of a study whose model was a function of a script or notebook, as in StudySpec.
        after: Number of the event with which this run was accepted; None: it was not accepted beforehand.
        signal, on_dashboard, began: As of `run`.

    Raises:
        UnknownStudyError: there is no such study.
        FixInputError: its data or model is gone, it ended with all its trials, it was cancelled after the event
            `after`, or another process runs it.
        StudyFailedError, LeaseLostError, ClusterLostError: as `run`.
    """
    settings, signal, clock = settings or Settings(), signal or StopSignal(), _Clock(began)
    with hold_lease(name, settings.store_url(), signal) as store, ExitStack() as until_end:
        study = store.study(name)
        if after is not None and ended_since(store, name, after):
            raise FixInputError(f"study {name!r} was cancelled before it started", remedy=f"`tuner resume {name}`")
        spec = spec_to_resume(store, study, trials, model)
        new = study.started_at is None
        paths = storage.paths_of(study.spec, settings.results_dir)
        if paths.store is None:  # the results folder may have been another one then
            paths = StudyPaths(Path(study.folder))
        if not new:
            storage.fetch(paths)
        until_end.enter_context(log_to(paths.log))
        try:
            prepared = _prepared(store, spec, settings, on_dashboard, clock, new=new, began_with=study.data)
            plan, capacity = until_end.enter_context(prepared)
        except Exception as error:
            log.error("the study cannot start: %s", _reason(error), exc_info=not isinstance(error, TunerError))
            if not isinstance(error, TunerError):
                _check_cluster(name, error)
            if study.status == "created":  # else it keeps the status of its last run
                _record_failure(store, name, StudyEnd("failed", _reason(error)))
            raise
        store.update_spec(name, plan.spec, folder=str(paths.folder))
        return _drive(store, plan, paths, capacity, signal, clock)


class _Clock:
    """Measures what a run does before its first trial."""

    def __init__(self, began: float | None) -> None:
        self._last = time.monotonic()
        self._passed_s = [0.0 if began is None else self._last - began]

    def mark(self) -> None:
        """End a part: the imports (by the constructor), the data, the cluster."""
        now = time.monotonic()
        self._passed_s.append(now - self._last)
        self._last = now

    def start_up(self) -> StartUp:
        """The parts; what came after the last one are the checks."""
        self.mark()
        imports_s, data_s, cluster_s, checks_s = (round(passed_s, 3) for passed_s in self._passed_s)
        return StartUp(imports_s=imports_s, data_s=data_s, cluster_s=cluster_s, checks_s=checks_s)


@contextmanager
def _prepared(
    store: Store,
    spec: StudySpec,
    settings: Settings,
    on_dashboard: Callable[[str], None],
    clock: _Clock,
    *,
    new: bool,
    began_with: DataRecord | None = None,
) -> Iterator[tuple[Plan, ClusterCapacity]]:
    """Context manager that is connected to Ray and has checked all that can be wrong before the first trial."""
    check_loggers(spec.loggers)
    plan = make_plan(spec, settings)
    clock.mark()
    if began_with is not None:
        _check_same_data(plan, began_with)
    if new:
        check_warm_start(store, plan.spec, plan.architecture)
    with ray_cluster() as cluster:
        from tuner.runners.nodes import CachedNodes  # needs Ray, which is slow to import

        clock.mark()
        if cluster.dashboard_url is not None:
            log.info("Ray's dashboard: %s", cluster.dashboard_url)
            on_dashboard(cluster.dashboard_url)
        capacity = ClusterCapacity(plan, CachedNodes(), node_types(settings.node_types))
        check_resources(plan, capacity())
        if plan.architecture == "own":
            from tuner.study.model_check import check_own_model

            if (hint := check_own_model(plan)) is not None:
                log.warning("%s", hint)
        yield plan, capacity


def _check_same_data(plan: Plan, began_with: DataRecord) -> None:
    """Raise FixInputError if the data are not those that the study's earlier trials were trained on."""
    changes = began_with.changes(plan.data.record)
    if changes:
        raise FixInputError(
            f"the data of study {study_name(plan.spec)!r} have changed since it began: {named(changes)}",
            remedy="restore the files, or start a new study on the new data with `tuner run`",
        )


def _drive(
    store: DriverStore, plan: Plan, paths: StudyPaths, capacity: ClusterCapacity, stop: StopSignal, clock: _Clock
) -> StudyResult:
    name = study_name(plan.spec)
    with _stopped_by_signals(stop):
        try:
            paths.spec.write_text(yaml.safe_dump(plan.spec.model_dump(mode="json"), sort_keys=False))
            end = _train_and_finish(StudyLog(store, name), plan, paths, capacity, stop, clock)
        except KeyboardInterrupt:
            _record_failure(store, name, StudyEnd("cancelled", "stopped by Ctrl-C, twice"))
            raise
        except BaseException as error:
            # Ray Tune wraps what its callbacks raise: the store knows whether it was the database.
            from tuner.runners.failures import worker_is_lost

            lost = store.lost
            log.exception("the study failed")
            asked = stop.stop if stop.stop is not None and stop.stop.status != "completed" else None
            if asked is None and lost is None:
                _check_cluster(name, error)
            _record_failure(store, name, asked or StudyEnd("failed", _reason(error) if lost is None else str(lost)))
            if lost is None and worker_is_lost(error):
                raise StudyFailedError(
                    f"study {name!r} failed: {_reason(error)}",
                    remedy=f"`tuner resume {name}` continues it; the log {paths.log} has the whole error",
                ) from error
            if lost is None:
                raise
            if isinstance(lost, FixInputError | TryAgainError):
                raise StudyFailedError(
                    f"study {name!r} failed: {lost.message}",
                    remedy=f"{lost.remedy}; `tuner resume {name}` continues it",
                ) from error
            raise lost from error
    if end.status == "failed":
        raise StudyFailedError(
            f"study {name!r} failed: {end.reason}", remedy=f"see `tuner show {name}` and {paths.log}"
        )
    return StudyResult(view(store, name))


def _train_and_finish(
    study_log: StudyLog, plan: Plan, paths: StudyPaths, capacity: ClusterCapacity, stop: StopSignal, clock: _Clock
) -> StudyEnd:
    """Train, save what came of it, and record the study's end."""
    import ray

    from tuner.runners.nodes import request_node
    from tuner.study.finish import Finish, study_end
    from tuner.study.tune_run import TuneRun

    store, name = study_log.store, study_log.name
    budget = TimeBudget(plan.spec.time_budget_s)
    notes = search_notes(plan.spec, plan.space)
    reason, start_up = "; ".join(notes) or None, clock.start_up()
    study_log.append(StudyStatus(status="running", time=store.now(), reason=reason, start_up=start_up))
    if store.study(name).data is None:
        space = described(plan.space)
        study_log.append(DataRead(data=plan.data.record, space=space, time=store.now()))
    wait_for_gpus(plan, capacity, stop, request_node)
    data, resources = ray.put(plan.data), plan.resources(resources_of(capacity()))
    with (
        logged(store, name, paths, stop),
        Finish(study_log, plan, paths, data, resources, stop) as finish,
    ):
        training = TuneRun(study_log, plan, paths, capacity, stop, budget, data, finish.start_exporter)
        training.run()
        training.end_left_trials()
        if stop.stop is None or stop.stop.status != "failed":  # else nothing can be written now, as on a full disk
            finish.save_models()
            finish.write_table()
            repeat_remote_trials(study_log, plan, data, resources, stop)
            if plan.spec.plot_generation != "none":
                finish.draw()
    shown = view(store, name)
    for summary in (shown.cloud, shown.parity):
        if summary is not None:
            log.info("%s", summary)
    end = study_end(store, name, stop.stop, training.exhausted)
    if not any(trial.continues for trial in shown.trials):
        open_folder(paths.states).clear()
    storage.publish(paths)
    # Recorded last: a run that is killed before has something left to do, and `resume` does it.
    study_log.append(StudyStatus(status=end.status, reason=end.reason, time=store.now()))
    return end


def _record_failure(store: DriverStore, name: str, end: StudyEnd) -> None:
    """Record the end of a run that broke. If that is impossible, the lease shows it by running out."""
    event = StudyStatus(status=end.status, reason=end.reason)
    try:
        store.append_end(name, event)
        log.info(event_line(event))
    except TunerError as error:
        log.error("%s, but that could not be recorded: %s", event_line(event), error)


def _check_cluster(name: str, error: BaseException) -> None:
    """Raise ClusterLostError if the cluster of this process has ended: that is no failure of the study."""
    from tuner.ray_internals import own_node_answers
    from tuner.runners.failures import worker_is_lost

    # A cluster that ends reports lost workers before its last process is gone.
    until_s = time.monotonic() + (CLUSTER_END_S if worker_is_lost(error) else 0.0)
    while own_node_answers():
        if time.monotonic() >= until_s:
            return
        time.sleep(CLUSTER_LOOK_S)
    raise ClusterLostError(
        f"the Ray cluster ended while it ran study {name!r}", remedy=f"`tuner resume {name}` continues it"
    ) from error


def _reason(error: BaseException) -> str:
    if isinstance(error, TunerError):
        return str(error)
    from tuner.runners.failures import short_reason

    return short_reason(error)


@contextmanager
def _stopped_by_signals(stop: StopSignal) -> Iterator[None]:
    """Context manager in which the first Ctrl-C (or SIGTERM) ends the study cleanly, and the second one the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def request(number: int, _: Any) -> None:
        stop.request("cancelled", "stopped by Ctrl-C" if number == signal.SIGINT else "stopped by SIGTERM")
        restore()

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    previous = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        restore()
