"""The worker that waits for RunPod, step by step as Ray Tune calls it, without Ray."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.runners.runpod.live_progress import RAY, LiveProgressHandle
from tests.runners.runpod.samples import TRIAL, complete, epoch, start, value, values
from tests.runpod import faults
from tuner.remote_protocol import pack, parts_of
from tuner.runners import live_progress, local_tasks
from tuner.runners.checkpoints import Checkpoints
from tuner.runners.runpod import circuit_breaker, remote_trial
from tuner.runners.runpod import job as job_module
from tuner.runners.runpod.circuit_breaker import FAILURES, Permission
from tuner.runners.runpod.job import Limits, Price
from tuner.runners.runpod.remote_trial import RemoteSettings, RemoteTrial
from tuner.runners.runpod.runpod_progress import RunPodProgress
from tuner.runners.shared_folder import job_file, state_file
from tuner.training import TrainingState

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def no_ray(monkeypatch):
    monkeypatch.setattr(remote_trial, "ray", RAY)
    monkeypatch.setattr(live_progress, "ray", RAY)


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """A service that is down is given up at once, a worker looks often."""
    monkeypatch.setattr(job_module, "SUBMIT_PATIENCE_S", 0.0)
    monkeypatch.setattr(job_module, "BILL_PATIENCE_S", 1.0)
    monkeypatch.setattr(job_module, "FIRST_POLL_S", 0.01)
    monkeypatch.setattr(remote_trial, "REPORT_INTERVAL_S", 0.01)


@pytest.fixture
def live():
    return LiveProgressHandle()


@pytest.fixture
def local(monkeypatch):
    """Trials that train here: (reason, closed?) of each."""
    began = []

    def steps(trial, data, live_progress, states, own_source, why_local, resources, waiting):
        began.append([why_local, False])
        try:
            yield {"events": [start(why_local=why_local).model_dump(mode="json")], "done": False}
            waiting()
            yield {"events": [complete().model_dump(mode="json")], "done": True}
        finally:
            began[-1][1] = True

    monkeypatch.setattr(local_tasks, "steps", steps)
    return began


@pytest.fixture
def remote(access, tmp_path, monkeypatch):
    monkeypatch.setenv("RUNPOD_API_KEY", access.api_key.get_secret_value())
    return RemoteSettings(
        base_url=access.base_url,
        endpoint_id=access.endpoint_id,
        limits=Limits(queue_s=30, run_s=60),
        price=Price("A100", 0.00076),
        fallback=True,
        unfit=None,
        data=["reference"],
        resources={"CPU": 1},
        states=str(tmp_path / "states"),
        own_source=None,
        samples=10_000,
    )


@pytest.fixture
def trial_of(live, remote, request):
    """A worker, begun with a trial's config."""

    def make(config=None, **changes):
        worker = RemoteTrial.__new__(RemoteTrial)
        changed = RemoteSettings(**{**vars(remote), **changes})
        worker.setup(config or config_of(), changed, live)
        request.addfinalizer(worker.cleanup)
        return worker

    return make


def config_of(number=1, **more):
    return {"trial": TRIAL.model_copy(update={"trial_number": number}).model_dump(mode="json")} | more


@pytest.fixture
def working(plane):
    """Serves each job with these values, in a thread; after the last one with an end."""
    ended = threading.Event()

    def serve(given, *, finishes=True, error=None):
        def work():
            while not ended.is_set():
                taken = plane.take()
                if taken is None:
                    ended.wait(0.01)
                    continue
                for one in given:
                    plane.stream(taken["id"], one)
                if finishes:
                    plane.finish(taken["id"], output=list(given), error=error)

        threading.Thread(target=work, daemon=True).start()

    yield serve
    ended.set()


def run(worker):
    """All results up to the end."""
    results = [worker.step()]
    while not results[-1]["done"]:
        results.append(worker.step())
    return results


def kinds(results):
    return [[event["type"] for event in result["events"]] for result in results]


def test_a_step_is_one_event_and_the_last_epoch_comes_with_the_end(trial_of, working):
    working(values())
    results = run(trial_of())
    assert kinds(results) == [
        ["trial_start"],
        *[["epoch_progress"]] * 3,
        ["epoch_progress", "trial_complete"],
    ]
    assert results[0]["events"][0]["place"] == "runpod"
    assert [result["epoch"] for result in results] == [0, 1, 2, 3, 4]
    assert [result["objective"] for result in results[1:]] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert results[-1]["trained_s"] == 8.0


def test_its_bill_goes_to_the_board(trial_of, working, live):
    working(values())
    worker = trial_of()
    run(worker)
    worker.cleanup()
    ((number, bill),) = live.state.take_bills()
    assert (number, bill["status"], bill["gpu"]) == (1, "COMPLETED", "A100")
    assert bill["cost_usd"] == pytest.approx(bill["billed_s"] * 0.00076)
    assert live.state.take_bills() == []


def test_one_worker_waits_for_many_trials(trial_of, plane, live):
    worker = trial_of()
    for number in (1, 2, 3):
        worker.reset_config(config_of(number))
        its = {"trial_number": number, "trial_id": f"s-{number:05d}"}
        epochs = [epoch(one, trial_number=number) for one in range(1, 5)]
        given = [start(**its), *epochs, complete(**its)]
        serving = threading.Thread(
            target=plane.wait_for,
            args=[
                lambda plane, given=given: (
                    (taken := plane.take())
                    and serve(plane, taken["id"], [value(at, event=event) for at, event in enumerate(given)])
                )
            ],
        )
        serving.start()
        assert run(worker)[-1]["events"][-1]["trial_number"] == number
        serving.join()
    worker.cleanup()
    assert sorted(number for number, _ in live.state.take_bills()) == [1, 2, 3]


def test_a_trial_that_the_scheduler_ends_is_cancelled_at_once_and_what_it_saves_is_billed(
    plane, trial_of, working, live
):
    working(values()[:3], finishes=False)
    worker = trial_of()
    for _ in range(3):
        worker.step()
    worker.reset_config(config_of(2))
    worker.cleanup()
    job = plane.jobs()[-1]
    assert job["status"] == "CANCELLED"
    ((number, bill),) = live.state.take_bills()
    assert (number, bill["status"], bill["saved_s"]) == (1, "CANCELLED", 4.0), "two epochs of 2 s"


def test_a_stop_of_the_study_ends_the_wait_and_the_job(plane, trial_of, working, live):
    working(values()[:2], finishes=False)
    worker = trial_of()
    worker.step()
    worker.step()
    live.state.stop()
    assert worker.step() == {"events": [], "done": True, "epoch": 1, "objective": 0.1, "trained_s": 2.0}
    worker.cleanup()
    assert plane.jobs()[-1]["status"] == "CANCELLED"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.status("run", 401, None), "RunPod refuses the key (HTTP 401): check RUNPOD_API_KEY"),
        (faults.status("run", 404, None), "RunPod has no endpoint endpoint1 (HTTP 404): check runpod_endpoint_id"),
        (faults.status("run", 429, None), "RunPod's rate limit is reached (HTTP 429)"),
        (faults.status("run", 500, None), "RunPod failed (HTTP 500)"),
        (faults.malformed("run", None), "RunPod's answer is not JSON"),
    ],
    ids=["401", "404", "429", "500", "malformed"],
)
def test_a_trial_that_the_service_does_not_take_trains_here_and_says_why(plane, trial_of, local, fault, why):
    plane.fail(fault)
    results = run(trial_of())
    assert kinds(results) == [["trial_start"], ["trial_complete"]]
    assert results[0]["events"][0]["why_local"] == why
    assert [reason for reason, _ in local] == [why]


def test_a_trial_that_the_service_loses_in_the_middle_begins_again_here(plane, trial_of, working, local):
    working(values()[:3], error="out of memory")
    results = run(trial_of())
    assert kinds(results) == [
        ["trial_start"],
        ["epoch_progress"],
        ["epoch_progress"],
        ["trial_start"],
        ["trial_complete"],
    ]
    assert [why for why, _ in local] == ["the job failed: out of memory"]


def test_older_workers_train_without_data_for_figures(plane, trial_of, local):
    """They refuse a field that they do not know: the trial is sent again, and later trials at once without it."""
    received = []

    def work(plane):
        if (taken := plane.take()) is None:
            return False
        received.append("summaries" in taken["input"]["trial"])
        if received[-1]:
            error = "trial.summaries=True: unknown key; correct the request"
            plane.finish(taken["id"], output=[], error=error)
        else:
            serve(plane, taken["id"], values())
        return len(received) == 3

    serving = threading.Thread(target=plane.wait_for, args=[work])
    serving.start()
    config = {"trial": TRIAL.model_copy(update={"summaries": True}).model_dump(mode="json")}
    worker = trial_of(config)
    for _ in range(2):
        events = [event for result in run(worker) for event in result["events"]]
        assert [event["type"] for event in events] == ["trial_start", *["epoch_progress"] * 4, "trial_complete"]
        worker.reset_config(config)
    serving.join()
    assert received == [True, False, False]
    assert local == []


def test_a_trial_that_trains_here_is_ended_with_its_worker(plane, trial_of, local):
    plane.fail(faults.status("run", 500, None))
    worker = trial_of()
    worker.step()
    worker.cleanup()
    assert local[0][1], "closed"


def test_a_node_without_the_key_trains_here_and_says_why(plane, trial_of, local, remote, monkeypatch):
    monkeypatch.delenv("RUNPOD_API_KEY")
    before = len(plane.requests())
    run(trial_of())
    assert [why for why, _ in local] == ["RUNPOD_API_KEY is not set on node 10.0.0.2"]
    assert len(plane.requests()) == before


def test_the_settings_that_travel_to_workers_have_no_key(remote, access):
    assert access.api_key.get_secret_value() not in str(vars(remote))


def test_without_fallback_the_trial_failed_and_says_why(plane, trial_of, local):
    plane.fail(faults.status("run", 401, None))
    (result,) = run(trial_of(fallback=False))
    assert result["ended"] == {
        "status": "failed",
        "cause": "service_fault",
        "reason": "RunPod refuses the key (HTTP 401): check RUNPOD_API_KEY",
    }
    assert local == []


def test_after_repeated_faults_the_service_is_not_asked_any_more(plane, trial_of, local):
    plane.fail(faults.status("run", 500, None))
    worker = trial_of()
    before = len(plane.requests("run"))
    for number in range(1, FAILURES + 4):
        worker.reset_config(config_of(number))
        run(worker)
    assert len(plane.requests("run")) - before == FAILURES
    assert local[-1][0] == ("RunPod paused for 15 s after 3 consecutive failures; the last: RunPod failed (HTTP 500)")


def test_without_fallback_a_trial_waits_until_the_service_is_tried_again(trial_of, working, live, monkeypatch):
    monkeypatch.setattr(circuit_breaker, "PAUSE_S", 0.2)
    live.state = RunPodProgress()
    live.state.record_failure("HTTP 401", period=0, lasting=True)
    working(values())
    assert run(trial_of(fallback=False))[-1]["events"][-1]["type"] == "trial_complete"
    assert live.state.permission() == Permission(period=1)


def test_a_trial_that_trained_for_too_long_ends_with_what_it_has(plane, trial_of, working):
    plane.strict_policy = False
    try:
        working(values()[:2], finishes=False)
        results = run(trial_of(limits=Limits(queue_s=30, run_s=0.5)))
    finally:
        plane.strict_policy = True
    assert results[-1]["ended"] == {
        "status": "pruned",
        "cause": "timed_out",
        "reason": "the trial reached the time limit on RunPod, runpod_timeout_s=0.5",
    }


def test_what_cannot_run_there_is_never_sent(plane, trial_of, local):
    before = len(plane.requests())
    run(trial_of(unfit="the data are files of this machine"))
    assert [why for why, _ in local] == ["the data are files of this machine"]
    assert len(plane.requests()) == before


def test_the_winners_weights_are_kept_where_the_study_looks_for_them(trial_of, working, remote):
    weights = [np.arange(6, dtype=np.float32).reshape(2, 3), np.ones(3, np.float32)]
    (part,) = parts_of(pack(weights))
    working([*values()[:5], value(5, weights=part), value(6, event=complete())])
    run(trial_of(config_of(weights_above=0.25)))
    state = TrainingState.load(Path(remote.states) / state_file(1))
    assert all((kept == sent).all() for kept, sent in zip(state.best_weights, weights, strict=True))
    assert Checkpoints(Path(remote.states)).load(1) is None, "no training goes on from them"


def test_damaged_weights_are_not_kept(trial_of, working, remote):
    (part,) = parts_of(pack([np.ones(3, np.float32)]))
    bad = part.model_copy(update={"data": "AAAA"})
    working([*values()[:5], value(5, weights=bad), value(6, event=complete())])
    assert run(trial_of())[-1]["done"]
    assert not (Path(remote.states) / state_file(1)).exists()


def test_a_state_of_an_earlier_run_here_is_not_taken_for_the_winners(trial_of, working, remote):
    file = Path(remote.states) / state_file(1)
    file.parent.mkdir(parents=True)
    file.touch()
    working(values())
    run(trial_of())
    assert not file.exists()


def test_the_job_of_a_worker_that_was_killed_is_cancelled_when_its_trial_begins_again(
    plane, trial_of, working, remote, live
):
    orphan = plane.submit({"trial": "of a killed worker"})
    file = Path(remote.states) / job_file(1)
    file.parent.mkdir(parents=True)
    file.write_text(orphan)
    plane.take()
    working(values())
    worker = trial_of()
    run(worker)
    worker.cleanup()
    assert plane.job(orphan)["status"] == "CANCELLED"
    assert {bill["status"] for _, bill in live.state.take_bills()} == {"CANCELLED", "COMPLETED"}
    assert not file.exists()


def test_the_job_that_runs_is_noted_down(plane, trial_of, working, remote):
    working(values()[:2], finishes=False)
    worker = trial_of()
    worker.step()
    assert (Path(remote.states) / job_file(1)).read_text() == plane.jobs()[-1]["id"]


def test_a_worker_that_waits_never_loads_tensorflow_the_search_or_the_database(plane, access):
    script = f"""
        import sys, tempfile
        from tuner.runners import live_progress
        from tuner.runners.runpod import remote_trial
        from tuner.runners.runpod.job import Limits, Price
        from tests.runners.runpod.live_progress import RAY, LiveProgressHandle
        from tests.runners.runpod.samples import TRIAL
        live_progress.ray = remote_trial.ray = RAY
        worker = remote_trial.RemoteTrial.__new__(remote_trial.RemoteTrial)
        endpoint, limits, states = ({access.base_url!r}, {access.endpoint_id!r}), Limits(30, 60), tempfile.mkdtemp()
        remote = remote_trial.RemoteSettings(*endpoint, limits, Price(), True, None, [], {{}}, states, None, 10_000)
        worker.setup({{"trial": TRIAL.model_dump(mode="json")}}, remote, LiveProgressHandle())
        while not worker.step()["done"]:
            pass
        worker.cleanup()
        print(sorted({{"tensorflow", "keras", "optuna", "sqlalchemy", "scipy", "runpod"}} & set(sys.modules)))
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT,
        env=os.environ | {"RUNPOD_API_KEY": access.api_key.get_secret_value()},
        stdout=subprocess.PIPE,
        text=True,
    )
    plane.wait_for(lambda plane: (taken := plane.take()) and serve(plane, taken["id"]))
    assert process.communicate(timeout=60)[0] == "[]\n"


def serve(plane, job_id, given=None):
    for one in given or values():
        plane.stream(job_id, one)
    plane.finish(job_id)
    return True
