"""Runs a study from beginning to end: the one place where plan, Ray Tune, store and files come together."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tuner.errors import FixInputError, StudyFailedError, TryAgainError, TunerError
from tuner.events import StudyStatus
from tuner.runners.cluster import ray_cluster
from tuner.runners.node_types import node_types
from tuner.runners.shared_folder import open_folder
from tuner.settings import Settings
from tuner.spec import StudySpec, parse_study_spec
from tuner.store import DriverStore, Store, StudyRow, TrialRow
from tuner.study import storage
from tuner.study.cluster_capacity import ClusterCapacity, check_resources
from tuner.study.event_text import event_line
from tuner.study.gpu_wait import wait_for_gpus
from tuner.study.lease import hold_lease
from tuner.study.log_file import log_to
from tuner.study.paths import StudyPaths
from tuner.study.plan import Plan, cloud_of, complete, make_plan
from tuner.study.progress import COUNTED
from tuner.study.result import StudyResult, trials_table, view
from tuner.study.stop_signal import StopSignal, StudyEnd
from tuner.study.warm_start import check_warm_start

log = logging.getLogger("tuner.study")


def run(spec: StudySpec, *, settings: Settings | None = None, signal: StopSignal | None = None) -> StudyResult:
    """Run a new study and return what it came to, also when it was cancelled (Ctrl-C).

    Args:
        signal: Lets a caller end the study from another thread.

    Raises:
        FixInputError: the spec, its data or its model is wrong. Nothing was written.
        StudyFailedError: every trial failed, or the database stayed away for minutes; the message says why.
        LeaseLostError: this process was silent for so long that another one took the study over.
    """
    settings, signal = settings or Settings(), signal or StopSignal()
    with Store.open(settings.store_url()) as store:
        plan = make_plan(spec, settings)
        name = _name(plan.spec)
        paths = storage.paths_of(plan.spec, settings.results_dir)
        storage.check_free(paths)
        check_warm_start(store, plan)
        with ray_cluster():
            reach = _reach(plan, settings)
            check_resources(plan, reach())
            _check_own_model(plan)
            _create(store, plan.spec, paths)
            with hold_lease(name, settings.store_url(), signal) as driven:
                return _execute(driven, plan, paths, reach, signal)


def add(store: Store, spec: StudySpec, settings: Settings) -> str:
    """Put down a new study that nobody runs yet; `resume` begins it, in this process or another. Reads no data.

    Returns:
        The study's name.

    Raises:
        FixInputError: there is a study or a folder of that name already, or what RunPod needs is not set. Nothing was
            written.
    """
    spec = complete(spec, settings)
    cloud_of(spec, settings)
    paths = storage.paths_of(spec, settings.results_dir)
    storage.check_free(paths)
    _create(store, spec, paths)
    return _name(spec)


def resume(
    name: str, *, trials: int | None = None, settings: Settings | None = None, signal: StopSignal | None = None
) -> StudyResult:
    """Go on with a study that was stopped, killed or only put down, or ask more trials of a finished one.

    Trials that ended stay; those that were interrupted run again; the study ends with the trials asked for.

    Args:
        trials: New total number of trials; None: as asked for at the start.

    Raises:
        UnknownStudyError: there is no such study.
        FixInputError: its data or model is gone, it ended with all its trials, or another process runs it.
        StudyFailedError, LeaseLostError: as `run`.
    """
    settings, signal = settings or Settings(), signal or StopSignal()
    with hold_lease(name, settings.store_url(), signal) as store:
        study = store.study(name)
        plan = make_plan(spec_to_resume(store, study, trials), settings)
        if study.status == "created":
            check_warm_start(store, plan)
        with ray_cluster():
            reach = _reach(plan, settings)
            check_resources(plan, reach())
            _check_own_model(plan)
            paths = _paths_to_resume(study, settings)
            storage.fetch(paths)
            store.update_spec(name, plan.spec, folder=str(paths.folder))
            return _execute(store, plan, paths, reach, signal)


def _paths_to_resume(study: StudyRow, settings: Settings) -> StudyPaths:
    """Where the study's files are; of one in an object store on this machine, which may be another one than before."""
    paths = storage.paths_of(study.spec, settings.results_dir)
    return StudyPaths(Path(study.folder)) if paths.store is None else paths


def spec_to_resume(store: Store, study: StudyRow, trials: int | None) -> StudySpec:
    """What a resumed study asks for.

    Raises:
        FixInputError: the number of trials is wrong, or the study ended with all of them.
    """
    spec = study.spec if trials is None else parse_study_spec(study.spec.model_dump() | {"trials": trials})
    done = view(store, study.name).progress.trials_performed
    if done > spec.trials or (done == spec.trials and _has_ended(study)):
        raise FixInputError(
            f"study {study.name!r} has all its {done} trials",
            remedy=f"ask for more: `tuner resume {study.name} trials={done + 10}`",
        )
    return spec


def _has_ended(study: StudyRow) -> bool:
    """Whether the last run of a study with all its trials left nothing to do; a killed one may lack the best model."""
    return study.status == "completed" or (study.status == "failed" and study.best_trial_number is None)


def _create(store: Store, spec: StudySpec, paths: StudyPaths) -> None:
    """The study's folder and its row, or neither."""
    try:
        paths.folder.mkdir(parents=True)
    except OSError as error:
        raise FixInputError(
            f"cannot make the folder {paths.folder}: {error.strerror}", remedy="set TUNER_RESULTS_DIR to another one"
        ) from None
    try:
        store.create_study(spec, folder=str(paths.folder))
    except BaseException:  # an interrupt too must leave no empty study; it goes on
        paths.folder.rmdir()
        raise


def _reach(plan: Plan, settings: Settings) -> ClusterCapacity:
    from tuner.runners.nodes import CachedNodes  # needs Ray, which is slow to import

    return ClusterCapacity(plan, CachedNodes(), node_types(settings.node_types))


def _name(spec: StudySpec) -> str:
    assert spec.run_name is not None
    return spec.run_name


def _execute(
    store: DriverStore, plan: Plan, paths: StudyPaths, reach: ClusterCapacity, stop: StopSignal
) -> StudyResult:
    from tuner.runners.nodes import request_node  # needs Ray, which is slow to import
    from tuner.study.search import Search

    name = _name(plan.spec)
    paths.spec.write_text(yaml.safe_dump(plan.spec.model_dump(mode="json"), sort_keys=False))
    with log_to(paths.log), _stopped_by_signals(stop):
        budget = plan.spec.time_budget_s
        deadline = None if budget is None else time.monotonic() + budget
        losses: Counter[int] = Counter()
        search = Search(store, plan, paths, reach, stop, deadline, losses)
        search.recorder.append(StudyStatus(status="running", time=store.now()))
        try:
            if wait_for_gpus(plan, reach, stop, request_node):
                search.close()
                search = Search(store, plan, paths, reach, stop, deadline, losses)
            search.run()
            while search.fell_short:
                search.close()
                search = Search(store, plan, paths, reach, stop, deadline, losses)
                search.run()
            if stop.stop is None or stop.stop.status != "failed":  # else nothing can be written now, as on a full disk
                search.save_best()
                trials_table(store.trials(name), store.jobs(name)).to_csv(paths.trials, index=False)
                search.repeat_remote_trials()
                if plan.spec.plot_generation != "none":
                    search.draw()
            shown = view(store, name)
            for told in (shown.cloud, shown.parity):
                if told is not None:
                    log.info("%s", told)
            end = stop.stop or _verdict(store, name, search.exhausted)
            # The end is told last: a run that is killed before has something left to do, and `resume` does it.
            search.close()
            if all(trial.status in (*COUNTED, "rejected") for trial in store.trials(name)):
                open_folder(paths.states).clear()
            storage.publish(paths)
            search.recorder.append(StudyStatus(status=end.status, reason=end.reason, time=store.now()))
        except KeyboardInterrupt:
            _append_end(store, name, StudyEnd("cancelled", "stopped by Ctrl-C, twice"))
            raise
        except BaseException as error:
            # Ray Tune wraps what its callbacks raise: the store knows whether it was the database.
            lost = store.lost
            log.exception("the study failed")
            asked = stop.stop if stop.stop is not None and stop.stop.status != "completed" else None
            _append_end(store, name, asked or StudyEnd("failed", _one_line(error) if lost is None else str(lost)))
            if lost is None:
                raise
            if isinstance(lost, (FixInputError, TryAgainError)):
                raise StudyFailedError(
                    f"study {name!r} failed: {lost.message}", remedy=f"{lost.remedy}; `tuner resume {name}` goes on"
                ) from error
            raise lost from error
        finally:
            search.close()
    if end.status == "failed":
        raise StudyFailedError(f"study {name!r} failed: {end.reason}", remedy=f"`tuner show {name}` tells more")
    return StudyResult(view(store, name))


def _append_end(store: DriverStore, name: str, end: StudyEnd) -> None:
    """Append the end of a run that failed. If the database is away, the study becomes `interrupted` with its lease."""
    event = StudyStatus(status=end.status, reason=end.reason)
    try:
        store.append_end(name, event)
        log.info(event_line(event))
    except TunerError as error:
        log.error("%s, but that could not be written: %s", event_line(event), error)


def _verdict(store: Store, name: str, exhausted: str | None) -> StudyEnd:
    """How a study ends that nobody stopped."""
    trials = store.trials(name)
    usable = [trial for trial in trials if trial.performance is not None]
    if not usable:
        return StudyEnd("failed", _why_none(trials))
    if store.study(name).best_trial_number is None:
        return StudyEnd("completed", "no trial met the constraints")
    return StudyEnd("completed", exhausted or "all trials done")


def _one_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[-1]}" if lines else type(error).__name__


def _why_none(trials: list[TrialRow]) -> str:
    """Why no trial gave a result: the reason of the last one, since all others rarely differ."""
    if not trials:
        return "no trial could start"
    kinds = ", ".join(sorted({trial.status for trial in trials}))
    return f"all {len(trials)} trials ended without a result ({kinds}); the last one: {trials[-1].reason}"


def _check_own_model(plan: Plan) -> None:
    """Build an own model once, in a worker, before anything is written."""
    if plan.architecture != "own":
        return
    import ray

    from tuner.search.suggestions import first_suggestion
    from tuner.study.model_check import check_model_builds

    trial = plan.trial(1, first_suggestion(plan.spec, plan.space))
    try:
        ray.get(
            ray.remote(num_cpus=0)(check_model_builds).remote(
                trial, plan.data.input, plan.data.classes, plan.module_folder
            )
        )
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None


@contextmanager
def _stopped_by_signals(stop: StopSignal) -> Iterator[None]:
    """Within it, the first Ctrl-C (or SIGTERM) ends the study cleanly; the second one ends the process."""
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
