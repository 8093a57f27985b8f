"""A study on RunPod, without Ray and without a service: what it needs, what it cost, what its users see."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.runners.runpod.board import RAY, Board
from tests.study.scripted import complete, epoch, start, status
from tuner.console.show import study_json
from tuner.devices import Node
from tuner.errors import FixInputError
from tuner.events import RemoteJob, TrialBilled
from tuner.search.rungs import Rungs
from tuner.settings import Settings
from tuner.spec import StudySpec, parse_study_spec
from tuner.store import Store
from tuner.study import progress_callbacks
from tuner.study.cluster_capacity import check_resources
from tuner.study.event_text import event_line
from tuner.study.leader import Leader
from tuner.study.paths import StudyPaths
from tuner.study.plan import make_plan
from tuner.study.progress_callbacks import BillingCallback
from tuner.study.recorder import Recorder
from tuner.study.result import trials_table, view
from tuner.study.stop_signal import StopSignal
from tuner.study.study_log import StudyLog

SPEC = StudySpec(run_name="s", dataset="digits", use_runpod_service=True)


def settings(**fields) -> Settings:
    return Settings(**({"runpod_api_key": "key", "runpod_endpoint_id": "e1"} | fields))


def plan(given: Settings, **fields):
    return make_plan(parse_study_spec({"dataset": "digits", "use_runpod_service": True} | fields), given)


# --- what is needed ---


@pytest.fixture(autouse=True)
def no_account(monkeypatch):
    for name in ("RUNPOD_API_KEY", "RUNPOD_ENDPOINT_ID", "RUNPOD_ENDPOINT_BASE_URL", "TUNER_RUNPOD_PRICES"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_key_or_an_endpoint_it_says_what_to_set():
    with pytest.raises(FixInputError, match="needs the key of your RunPod account - set RUNPOD_API_KEY"):
        plan(settings(runpod_api_key=None))
    with pytest.raises(FixInputError, match="needs an endpoint - set RUNPOD_ENDPOINT_ID or runpod_endpoint_id"):
        plan(settings(runpod_endpoint_id=None))


def test_they_come_from_the_environment_and_the_spec_comes_first(monkeypatch):
    monkeypatch.setenv("RUNPOD_API_KEY", "rpa_secret")
    monkeypatch.setenv("RUNPOD_ENDPOINT_ID", "e2")
    monkeypatch.setenv("RUNPOD_ENDPOINT_BASE_URL", "http://127.0.0.1:9/v2/")
    monkeypatch.setenv("TUNER_RUNPOD_PRICES", '{"my GPU": 0.5}')
    cloud = plan(Settings(), runpod_gpu="My-GPU").cloud
    assert (cloud.base_url, cloud.endpoint_id) == ("http://127.0.0.1:9/v2/", "e2")
    assert cloud.usd_per_s == 0.5
    assert plan(Settings(), runpod_endpoint_id="e3").cloud.endpoint_id == "e3"


def test_the_key_is_never_shown():
    made = plan(settings(runpod_api_key="rpa_secret"))
    assert "rpa_secret" not in f"{made!r}{made.cloud!r}{settings(runpod_api_key='rpa_secret')!r}"
    assert "rpa_secret" not in made.spec.model_dump_json()


def test_a_study_that_does_not_ask_for_runpod_needs_nothing_of_it():
    assert plan(Settings(), use_runpod_service=False).cloud is None


def test_a_gpu_without_a_price_is_told_before_anything_runs():
    with pytest.raises(FixInputError, match=r"runpod_gpu='TPU v9': its price is not known - set TUNER_RUNPOD_PRICES"):
        plan(settings(), runpod_gpu="TPU v9")


def test_own_data_and_own_networks_train_here_and_say_why(tmp_path, monkeypatch):
    (tmp_path / "texts.csv").write_text("text,label\n" + "a b,x\nc d,y\n" * 40)
    assert plan(settings(), dataset=str(tmp_path / "texts.csv")).cloud.unfit == "the data are files of this machine"
    (tmp_path / "own_for_cloud.py").write_text("space = {'units': '1..9'}\ndef build(h, s, c): ...\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    model = {"model": "own_for_cloud:build"}
    assert plan(settings(), **model).cloud.unfit == "the own model own_for_cloud:build is code of this machine"
    with pytest.raises(FixInputError, match="nothing can run on RunPod: the own model"):
        plan(settings(), **model, runpod_fallback_local=False)


def test_workers_that_wait_take_no_cpu_and_more_of_them_run_than_there_are_cpus():
    made = plan(settings())
    cluster = {"CPU": 2.0, "memory": 8e9}
    assert made.concurrent(cluster) == 6
    assert plan(settings(), concurrent_workers=64).concurrent(cluster) == 64
    assert made.resources(cluster) == {"CPU": 1, "GPU": 0}, "of a trial that trains here after all"


def test_what_a_trial_would_take_here_must_be_here_unless_none_trains_here():
    with pytest.raises(FixInputError, match="a trial takes 8 CPUs of one node: the cluster has only nodes with 2 CPUs"):
        check_resources(plan(settings(), cpus_per_trial=8), [Node(2.0)])
    check_resources(plan(settings(), cpus_per_trial=8, runpod_fallback_local=False), [Node(2.0)])


# --- what it cost, and where trials ran ---


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as opened:
        opened.create_study(SPEC, folder=str(tmp_path))
        yield opened


def job(number: int, billed_s: float, cost_usd: float | None, saved_s: float | None = None, ended="COMPLETED"):
    its = {"job_id": f"j{number}", "status": ended, "gpu": None, "queued_s": 1.0, "billed_s": billed_s}
    return TrialBilled(trial_number=number, job=RemoteJob(**its, cost_usd=cost_usd, saved_s=saved_s))


def told(store: Store, *events) -> None:
    for event in events:
        store.append("s", event)


def a_study(store: Store) -> None:
    remote, busy = {"place": "runpod"}, {"why_local": "RunPod's rate limit is reached (HTTP 429)"}
    told(store, status("running", 0))
    for number, where in ((1, remote), (2, remote), (3, busy), (4, busy)):
        told(store, start(number).model_copy(update=where), complete(number))
    told(store, job(1, 60, 0.0456), job(2, 20, 0.0152, saved_s=41.0, ended="CANCELLED"), job(3, 0.0, None))


def test_the_study_says_how_many_trials_ran_where_and_what_that_cost(store):
    a_study(store)
    use = view(store, "s").cloud
    assert (use.remote_trials, use.local_trials) == (2, 2)
    assert use.why_local == {"RunPod's rate limit is reached (HTTP 429)": 2}
    assert (use.billed_s, use.cost_usd, use.saved_s) == (80.0, pytest.approx(0.0608), 41.0)
    assert str(use) == (
        "2 trials on RunPod (80.0 s billed, $0.0608, about 41 s saved by ending trials early), 2 on this cluster: "
        "2 x RunPod's rate limit is reached (HTTP 429)"
    )


def test_a_cost_that_is_not_known_in_full_is_not_told(store):
    a_study(store)
    told(store, job(4, 10, None))
    assert view(store, "s").cloud.cost_usd is None


def test_each_trial_has_its_place_and_its_cost_in_the_table_and_in_json(store):
    a_study(store)
    shown = study_json(store, "s")
    assert [trial["place"] for trial in shown["trials"]] == ["runpod", "runpod", "local", "local"]
    assert [one["billed_s"] for one in shown["jobs"]] == [60.0, 20.0, 0.0]
    table = trials_table(store.trials("s"), store.jobs("s"))
    assert table["place"].tolist() == ["runpod", "runpod", "local", "local"]
    assert table["billed_s"].tolist() == [60.0, 20.0, 0.0, 0.0]
    assert table["saved_s"].tolist() == [0.0, 41.0, 0.0, 0.0]


def test_a_study_that_never_used_it_says_nothing_of_it(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'other.db'}") as store:
        store.create_study(StudySpec(run_name="s"), folder=str(tmp_path))
        told(store, start(1), complete(1))
        assert view(store, "s").cloud is None
        assert "place" not in trials_table(store.trials("s"), store.jobs("s"))


def test_lines_of_the_log_say_where_and_how_much():
    assert event_line(start(1).model_copy(update={"place": "runpod"})).startswith("trial 1 started on RunPod: cnn")
    assert event_line(start(1).model_copy(update={"why_local": "no key"})).endswith(", on this cluster: no key")
    assert event_line(job(1, 12.34, 0.0023, saved_s=41, ended="CANCELLED")) == (
        "trial 1 billed by RunPod: 12.3 s, $0.0023, about 41 s saved, job cancelled"
    )


# --- how bills come into the log ---


@pytest.fixture
def board(monkeypatch):
    monkeypatch.setattr(progress_callbacks, "ray", RAY)
    monkeypatch.setattr(progress_callbacks, "LOOK_S", 0.0)
    return Board()


def test_bills_are_recorded_while_the_study_runs_and_at_its_end(board):
    recorded = []
    bills = BillingCallback(board, lambda event: recorded.append((event.trial_number, event.job.job_id)))
    board.state.add_bill(1, job(1, 1, None).job.model_dump(mode="json"))
    for step in range(3):
        bills.on_step_begin(step, [])
    assert recorded == [(1, "j1")]
    board.state.add_bill(2, job(2, 1, None).job.model_dump(mode="json"))
    bills.finish()
    assert recorded == [(1, "j1"), (2, "j2")]


# --- how a trial ends that its worker only waited for ---


@pytest.fixture
def recorder(store, tmp_path):
    return Recorder(
        StudyLog(store, "s"), SPEC, StudyPaths(tmp_path), StopSignal(), Rungs(first=1, last=4), Leader(SPEC)
    )


def report(recorder, *events, **more):
    from tests.store.samples import trial_spec

    spec = trial_spec(1, SPEC, {"optimizer": "adam", "epochs": 4}, epochs=4)
    trial = SimpleNamespace(trial_id="ray-1", config={"trial": spec.model_dump(mode="json")})
    recorder.on_trial_result(1, [], trial, {"events": [one.model_dump(mode="json") for one in events]} | more)
    return trial


ENDED = {"status": "pruned", "cause": "timed_out", "reason": "it trained on RunPod for as long as it may"}


def test_a_trial_that_was_cut_short_ends_with_what_the_study_knows_of_it(recorder, store):
    report(recorder, start(1), epoch(1, 1, 0.7), epoch(1, 2, 0.6))
    trial = report(recorder, ended=ENDED)
    recorder.on_trial_complete(1, [], trial)
    (row,) = store.trials("s")
    assert (row.status, row.cause, row.objective, row.epochs_trained) == ("pruned", "timed_out", 0.7, 2)


def test_a_trial_that_no_service_took_ends_without_a_start(recorder, store):
    report(recorder, ended={"status": "failed", "cause": "service_fault", "reason": "HTTP 401"})
    (row,) = store.trials("s")
    assert (row.status, row.cause, row.reason, row.place) == ("failed", "service_fault", "HTTP 401", None)


def test_a_trial_that_begins_again_here_loses_the_epochs_it_had_there(recorder, store):
    report(recorder, start(1).model_copy(update={"place": "runpod"}), epoch(1, 1, 0.9), epoch(1, 2, 0.9))
    report(recorder, start(1).model_copy(update={"why_local": "its worker was lost"}), epoch(1, 1, 0.5))
    trial = report(recorder, epoch(1, 2, 0.6, last=True), complete(1, 0.6))
    recorder.on_trial_complete(1, [], trial)
    (row,) = store.trials("s")
    assert (row.objective, row.place, row.why_local) == (0.6, "local", "its worker was lost")
    assert [one.objective for one in store.epochs("s", 1)] == [0.5, 0.6]
