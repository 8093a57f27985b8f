"""Figures and reports over HTTP: what there is, what drawing may cost, and that it ends with the client.

A scripted child program stands in for the drawing, except in the last tests.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from serve_app import drawing, figure_cache
from serve_app.app import make_app
from serve_app.drawing import AT_ONCE, MOST_WAITING, Drawing
from serve_app.routes.common import log_place
from tests.serve_app import studies
from tests.serve_app.replicas import WAIT_S
from tests.store.samples import complete, epoch, start
from tuner.events import StoppedBy
from tuner.study.deletion import delete
from tuner.study.figures import STUDY_FIGURES, TRIAL_FIGURES

PROGRAM = """
import json, os, pathlib, signal, sys, time
folder, file, asked = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), json.loads(sys.argv[3])
(folder / f"{os.getpid()}.begun").write_text(json.dumps(asked))
script = (folder / "script").read_text()
exec(script)
"""
DRAW = 'file.write_text("<p>" + json.dumps(asked) + "</p>")'
WAIT_AND_DRAW = f"""
while not (folder / "go").exists():
    time.sleep(0.01)
{DRAW}
"""
NAMES = [*STUDY_FIGURES]


class Program:
    """The scripted child program: what it does, and what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.does(DRAW)

    def does(self, script: str) -> None:
        (self.folder / "script").write_text(script)

    def go(self) -> None:
        (self.folder / "go").touch()

    def begun(self) -> list[Path]:
        return sorted(self.folder.glob("*.begun"))

    def asked(self) -> list[dict[str, Any]]:
        return [json.loads(file.read_text()) for file in self.begun()]

    def alive(self) -> list[int]:
        """Processes that have begun and not ended."""
        return [number for number in (int(file.stem) for file in self.begun()) if _is_alive(number)]

    def command(self, of: Drawing, file: Path) -> list[str]:
        asked = {"study": of.study, "trial": of.trial, "figure": of.figure, "format": of.format}
        return [sys.executable, "-S", "-c", PROGRAM, str(self.folder), str(file), json.dumps(asked)]


def _is_alive(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(holds: Callable[[], bool]) -> None:
    until_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < until_s
        time.sleep(0.01)


async def soon(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def program(tmp_path, monkeypatch) -> Program:
    found = Program(tmp_path / "program")
    monkeypatch.setattr(Drawing, "command", lambda of, file: found.command(of, file))
    return found


@pytest.fixture
def study(store, settings) -> Path:
    studies.ended(store, settings.results_dir)
    return settings.results_dir / "ended"


def connected(services) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=make_app(services))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", timeout=None)


class TestLists:
    def test_of_a_study(self, client, study):
        found = client.get("/jobs/ended/plots").json()
        assert found["trials"] == [1, 2]
        figures = {figure["name"]: figure for figure in found["figures"]}
        assert {"history", "health"} <= set(figures) <= set(STUDY_FIGURES)
        assert "front" not in figures, "the study has one objective"
        assert figures["history"]["title"] == STUDY_FIGURES["history"]
        assert figures["history"]["formats"] == ["png", "svg"]
        assert figures["history"]["shows"]

    def test_only_those_that_make_sense(self, client, store, settings):
        studies.make(store, settings.results_dir, "a", scheduler="asha")
        store.append("a", complete(1))
        assert {"rungs", "health", "front"}.isdisjoint(
            one["name"] for one in client.get("/jobs/a/plots").json()["figures"]
        )
        by = StoppedBy(scheduler="asha", rung=1, value=0.5, cutoff=0.6, rank=2, of=3)
        store.append("a", complete(2, status="pruned", stopped_by=by))
        assert "rungs" in [one["name"] for one in client.get("/jobs/a/plots").json()["figures"]]

    def test_of_a_trial(self, client, study):
        best, other = (client.get(f"/jobs/ended/trials/{number}/plots").json() for number in (2, 1))
        names = [figure["name"] for figure in best]
        assert set(names) == set(TRIAL_FIGURES)
        assert {name for name in names if name.startswith("test_")} == set(names) - {one["name"] for one in other}
        assert next(one for one in best if one["name"] == "animation")["formats"] == ["gif"]

    def test_a_trial_without_epochs_has_none(self, client, store, study):
        store.append("ended", start(3))
        assert client.get("/jobs/ended/trials/3/plots").json() == []
        assert client.get("/jobs/ended/plots").json()["trials"] == [1, 2]
        store.append("ended", epoch(1, 3))
        assert client.get("/jobs/ended/plots").json()["trials"] == [1, 2, 3]

    def test_nothing_is_drawn_for_it(self, client, study, program):
        client.get("/jobs/ended/plots")
        client.get("/jobs/ended/trials/2/plots")
        assert program.begun() == []


class TestDrawing:
    def test_what_was_asked_for_is_drawn(self, client, study, program):
        answer = client.get("/jobs/ended/plots/history?format=svg")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
        asked = {"study": "ended", "trial": None, "figure": "history", "format": "svg"}
        assert answer.text == f"<p>{json.dumps(asked)}</p>"
        client.get("/jobs/ended/trials/2/plots/test_confusion")
        client.get("/jobs/ended/trials/2/plots/animation")
        answer = client.get("/jobs/ended/trials/2/plots/animation?format=gif")
        assert answer.headers["content-type"] == "image/gif"
        assert [(of["trial"], of["figure"], of["format"]) for of in program.asked() if of["trial"]] in (
            [(2, "test_confusion", "png"), (2, "animation", "gif")],
            [(2, "animation", "gif"), (2, "test_confusion", "png")],
        )

    def test_nothing_in_it_may_run_or_load_anything(self, client, study, program):
        for path in ("plots/history?format=svg", "report"):
            policy = client.get(f"/jobs/ended/{path}").headers["content-security-policy"]
            assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:;" in policy
            assert "script-src" not in policy

    @pytest.mark.parametrize(
        ("path", "status", "remedy"),
        [
            ("plots/histroy", 404, "did you mean 'history'?"),
            ("plots/training", 404, None),
            ("trials/2/plots/history", 404, None),
            ("trials/2/plots/trainin", 404, "did you mean 'training'?"),
            ("trials/9/plots/training", 404, "GET /jobs/{id}/trials"),
            ("trials/9/plots", 404, "GET /jobs/{id}/trials"),
            ("plots/a%2fb", 404, None),
            ("plots/History", 422, None),
            ("plots/history?format=gif", 422, None),
            ("plots/history?format=pdf", 422, None),
            ("trials/2/plots/animation?format=png", 422, None),
        ],
    )
    def test_what_is_not_there_is_told_and_not_drawn(self, client, study, program, path, status, remedy):
        answer = client.get(f"/jobs/ended/{path}")
        assert answer.status_code == status
        assert remedy is None or answer.json()["remedy"] == remedy
        assert program.begun() == []

    def test_of_an_unknown_study_the_nearest_one_is_told(self, client, study, program):
        for path in ("plots", "plots/history", "trials/1/plots", "trials/1/plots/training", "report"):
            answer = client.get(f"/jobs/endet/{path}")
            assert (answer.status_code, answer.json()["remedy"]) == (404, "did you mean 'ended'?")
        assert program.begun() == []

    def test_head_has_the_headers_of_get(self, client, study, program):
        head, get = (client(method, "/jobs/ended/plots/history") for method in ("HEAD", "GET"))
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers == get.headers


class TestCache:
    def test_it_is_drawn_once_until_the_next_event(self, client, store, study, program):
        first = client.get("/jobs/ended/plots/history")
        assert client.get("/jobs/ended/plots/history").content == first.content
        assert len(program.begun()) == 1
        store.append("ended", start(3))
        client.get("/jobs/ended/plots/history")
        assert len(program.begun()) == 2
        (cached,) = (study / "plots" / ".cache").iterdir()
        assert cached.name.startswith("ended@study-history."), "the file of the earlier event is gone"

    def test_formats_and_trials_are_kept_side_by_side(self, client, study, program):
        paths = [f"/jobs/ended/{path}" for path in ("plots/history", "plots/history?format=svg", "report")]
        paths += [f"/jobs/ended/trials/{number}/plots/training" for number in (1, 2)]
        contents = [[client.get(path).content for path in paths] for _ in range(2)]
        assert contents[0] == contents[1]
        assert len(set(contents[0])) == len(program.begun()) == 5

    def test_a_client_that_has_it_is_told_so_without_drawing(self, client, store, study, program):
        first = client.get("/jobs/ended/plots/history")
        assert first.headers["cache-control"] == "private, no-cache"
        known = {"If-None-Match": first.headers["etag"]}
        for path in ("plots/history", "report"):
            answer = client.get(f"/jobs/ended/{path}", headers=known)
            assert (answer.status_code, answer.content) == (304, b"")
        assert len(program.begun()) == 1
        store.append("ended", start(3))
        assert client.get("/jobs/ended/plots/history", headers=known).status_code == 200

    def test_a_study_that_was_created_again_has_none_of_the_deleted_one(self, client, store, settings, study, program):
        client.get("/jobs/ended/plots/history")
        delete(store, "ended")
        studies.ended(store, settings.results_dir)
        client.get("/jobs/ended/plots/history")
        assert len(program.begun()) == 2

    def test_it_keeps_the_files_that_were_used_last(self, client, study, program, monkeypatch):
        monkeypatch.setattr(figure_cache, "MOST_FILES", 3)
        for name in ("history", "curves", "importance", "history", "timeline"):
            client.get(f"/jobs/ended/plots/{name}")
            time.sleep(0.02)  # times of files have a resolution
        kept = {file.name.split(".")[0] for file in (study / "plots" / ".cache").iterdir()}
        assert kept == {f"ended@study-{name}" for name in ("importance", "history", "timeline")}

    def test_without_the_studys_folder_it_is_in_the_users_cache(self, client, store, settings, study, program):
        moved = study.with_name("elsewhere")
        study.rename(moved)
        for _ in range(2):
            assert client.get("/jobs/ended/plots/history").status_code == 200
        assert len(program.begun()) == 1
        assert not study.exists()
        assert len(list(figure_cache.shared_folder().iterdir())) == 1
        figure_cache.forget("ended")
        assert list(figure_cache.shared_folder().iterdir()) == []

    def test_a_folder_that_cannot_be_written_costs_the_cache_only(self, client, study, program, caplog):
        (study / "plots" / ".cache").write_text("no folder")
        for _ in range(2):
            assert client.get("/jobs/ended/plots/history").status_code == 200
        assert len(program.begun()) == 2
        assert "is not cached" in caplog.text


class TestLimits:
    def test_few_are_drawn_at_a_time_and_few_wait(self, services, study, program):
        program.does(WAIT_AND_DRAW)
        paths = [f"/jobs/ended/trials/{n}/plots/{name}" for n in (1, 2) for name in list(TRIAL_FIGURES)[:9]]
        paths = paths[: AT_ONCE + MOST_WAITING]

        async def test() -> None:
            async with connected(services) as client:
                asked = [asyncio.create_task(client.get(path)) for path in paths]
                await soon(lambda: len(program.begun()) == AT_ONCE)
                refused = await client.get("/jobs/ended/plots/history")
                assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
                assert refused.headers["retry-after"]
                assert refused.json()["detail"] == f"{len(paths)} other figures are being drawn"
                again = asyncio.create_task(client.get(paths[0]))  # waits with the others for the same one
                assert (await client.get("/health")).status_code == 200
                assert len(program.begun()) == AT_ONCE
                program.go()
                answers = await asyncio.gather(*asked, again)
                assert {answer.status_code for answer in answers} == {200}
                assert len(program.begun()) == len(paths)

        asyncio.run(test())

    def test_one_that_takes_too_long_is_killed(self, client, study, program, monkeypatch, caplog):
        monkeypatch.setattr(drawing, "LIMIT_S", 1)
        program.does(WAIT_AND_DRAW)
        answer = client.get("/jobs/ended/plots/history")
        assert answer.status_code == HTTPStatus.GATEWAY_TIMEOUT
        assert "tuner plots" in answer.json()["remedy"]
        assert program.alive() == []
        assert "took more than 1 s" in caplog.text

    def test_its_process_has_the_lowest_priority_no_gpu_and_no_secret(self, client, study, program, monkeypatch):
        monkeypatch.setenv("RUNPOD_API_KEY", "secret")
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
        program.does(
            """
limits = {"nice": os.nice(0), "gpu": os.environ["CUDA_VISIBLE_DEVICES"], "secret": "RUNPOD_API_KEY" in os.environ}
limits |= {"first_to_end": pathlib.Path("/proc/self/oom_score_adj").read_text().strip()}
limits |= {"group": os.getpgid(0) == os.getpid(), "alarm": signal.alarm(0), "results": os.environ["TUNER_RESULTS_DIR"]}
file.write_text(json.dumps(limits))
"""
        )
        limits = client.get("/jobs/ended/plots/history").json()
        assert 0 < limits.pop("alarm") <= drawing.LIMIT_S + 5
        assert limits == {
            "nice": 19,
            "gpu": "",
            "secret": False,
            "first_to_end": "1000",
            "group": True,
            "results": str(study.parent),
        }

    def test_its_memory_is_limited(self, client, study, program, monkeypatch, caplog):
        monkeypatch.setattr(drawing, "memory_bytes", lambda: 2**28)
        program.does(f"wide = bytearray(2**29)\n{DRAW}")
        answer = client.get("/jobs/ended/plots/history")
        assert (answer.status_code, answer.json()["detail"]) == (500, "it cannot be drawn; see the server log")
        assert "MemoryError" in caplog.text

    @pytest.mark.parametrize("script", ["os.kill(os.getpid(), signal.SIGKILL)", "sys.exit(1)", "pass", f"{DRAW}\n1/0"])
    def test_a_failure_is_in_the_log_and_not_cached(self, client, study, program, script, caplog):
        program.does(f'print("no room in /home/ann", file=sys.stderr, flush=True)\n{script}')
        for _ in range(2):
            answer = client.get("/jobs/ended/plots/history")
            assert (answer.status_code, answer.json()["detail"]) == (500, "it cannot be drawn; see the server log")
        assert len(program.begun()) == 2
        assert "home" not in answer.text
        assert "no room in /home/ann" in caplog.text

    def test_what_the_program_refuses_is_not_found(self, client, study, program):
        program.does(
            'sys.exit(print("error: no figure of /home/ann/x - see `tuner show ended`", file=sys.stderr) or 2)'
        )
        answer = client.get("/jobs/ended/plots/front")
        assert (answer.status_code, answer.json()["detail"]) == (404, "no figure of x - see GET /jobs/ended")

    def test_a_study_that_is_deleted_meanwhile_is_not_found(self, services, store, study, program):
        program.does(f'(folder / "deleted").exists() or time.sleep(0.01)\n{WAIT_AND_DRAW}\nsys.exit(1)')

        async def test() -> None:
            async with connected(services) as client:
                asked = asyncio.create_task(client.get("/jobs/ended/plots/history"))
                await soon(lambda: len(program.begun()) == 1)
                await asyncio.to_thread(delete, store, "ended")
                program.go()
                assert (await asked).status_code == 404
                assert not study.exists()

        asyncio.run(test())


class TestClientsThatLeave:
    def test_its_process_ends_with_the_client(self, listen, study, program):
        program.does(WAIT_AND_DRAW)

        async def test(address: str) -> None:
            async with httpx.AsyncClient(base_url=address, timeout=None) as client:
                asked = asyncio.create_task(client.get("/jobs/ended/plots/history"))
                await soon(lambda: len(program.begun()) == 1)
                asked.cancel()  # closes the connection
                await asyncio.gather(asked, return_exceptions=True)
                await soon(lambda: program.alive() == [])

        asyncio.run(test(listen().address))

    def test_one_that_waits_for_its_turn_is_never_drawn(self, services, study, program):
        program.does(WAIT_AND_DRAW)

        async def test() -> None:
            async with connected(services) as client:
                asked = [asyncio.create_task(client.get(f"/jobs/ended/plots/{name}")) for name in NAMES[: AT_ONCE + 1]]
                await soon(lambda: len(program.begun()) == AT_ONCE)
                for one in asked:
                    one.cancel()
                await asyncio.gather(*asked, return_exceptions=True)
                await soon(lambda: program.alive() == [])
                program.go()
                assert (await client.get(f"/jobs/ended/plots/{NAMES[-1]}")).status_code == 200
                assert len(program.begun()) == AT_ONCE + 1

        asyncio.run(test())

    def test_others_that_wait_for_the_same_one_get_it(self, services, study, program):
        program.does(WAIT_AND_DRAW)

        async def test() -> None:
            async with connected(services) as client:
                first, second = (asyncio.create_task(client.get("/jobs/ended/plots/history")) for _ in range(2))
                await soon(lambda: len(program.begun()) == 1)
                first.cancel()
                await asyncio.gather(first, return_exceptions=True)
                program.go()
                assert (await second).status_code == 200
                assert len(program.begun()) == 1

        asyncio.run(test())

    def test_who_asks_again_gets_it_anew(self, services, study, program):
        program.does(WAIT_AND_DRAW)

        async def test() -> None:
            async with connected(services) as client:
                first = asyncio.create_task(client.get("/jobs/ended/plots/history"))
                await soon(lambda: len(program.begun()) == 1)
                first.cancel()
                again = asyncio.create_task(client.get("/jobs/ended/plots/history"))
                await asyncio.gather(first, return_exceptions=True)
                program.go()
                assert (await again).status_code == 200

        asyncio.run(test())

    def test_its_process_ends_with_the_server(self, study, program, tmp_path, settings):
        """Also if that is killed."""
        program.does(WAIT_AND_DRAW)
        command = drawing.limited(program.command(Drawing("ended", "history", "png", "1"), tmp_path / "x"))
        server = f"import subprocess, sys; subprocess.Popen({command!r}).wait()"
        parent = psutil.Popen([sys.executable, "-c", server])
        wait_until(lambda: len(program.begun()) == 1)
        parent.kill()
        parent.wait()
        wait_until(lambda: program.alive() == [])


class TestReport:
    def test_it_is_a_page_to_read_or_to_save(self, client, study, program):
        answer = client.get("/jobs/ended/report")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-disposition"] == 'inline; filename="ended-report.html"'
        assert json.loads(answer.text.removeprefix("<p>").removesuffix("</p>"))["figure"] == "report"
        saved = client.get("/jobs/ended/report?download=true")
        assert saved.headers["content-disposition"] == 'attachment; filename="ended-report.html"'
        assert saved.content == answer.content
        assert len(program.begun()) == 1

    def test_it_names_no_folder_of_the_server(self, client, study, program):
        page = (
            "<style>a { background: url(/a/b) }</style><p title='/x/y'>tuner run dataset=/home/ann/photos.npz</p>"
            "<!-- /c/d --><img src='data:image/png;base64,+/ab/c='>1 &lt; 2 in &#39;/home/ann/a&#39;<p>1/2 &amp; 3</p>"
        )
        program.does(f"file.write_text({page!r})")
        assert client.get("/jobs/ended/report").text == (
            "<style>a { background: url(/a/b) }</style><p title='/x/y'>tuner run dataset=photos.npz</p>"
            "<!-- /c/d --><img src='data:image/png;base64,+/ab/c='>1 &lt; 2 in 'a'<p>1/2 &amp; 3</p>"
        )


def test_the_place_of_a_drawing_is_the_studys_last_event(store, study):
    place = log_place(store, "ended")
    before = Drawing("ended", "history", "png", place)
    assert before == Drawing("ended", "history", "png", place)
    store.append("ended", start(3))
    after = Drawing("ended", "history", "png", log_place(store, "ended"))
    assert before.file_name != after.file_name
    assert before.etag != after.etag


class TestRealDrawings:
    """By the programs of tuner.study.figures and tuner.study.report, over a study that was recorded."""

    @pytest.mark.parametrize(
        ("path", "begin"),
        [
            ("plots/history", b"\x89PNG"),
            ("plots/health?format=svg", b"<?xml"),
            ("trials/2/plots/training?format=svg", b"<?xml"),
            ("trials/2/plots/confusion", b"\x89PNG"),
            ("report", b"<!"),
        ],
    )
    def test_each_kind(self, client, study, settings, path, begin):
        answer = client.get(f"/jobs/ended/{path}")
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(begin)
        assert str(settings.results_dir).encode() not in answer.content

    def test_one_that_the_study_does_not_have(self, client, study):
        answer = client.get("/jobs/ended/plots/front")
        assert answer.status_code == 404
        assert "front" in answer.json()["detail"]
