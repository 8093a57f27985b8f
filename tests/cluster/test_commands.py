"""Ray and tuner understand every command in the pages and the comments of the cluster's files."""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import sys

import pytest

from tests.cluster.files import KUBERAY, LAUNCHER, ROOT, loaded, text
from tuner.errors import FixInputError

TOLD_BY = ("README.md", "cluster/README.md", *LAUNCHER, *KUBERAY, "cluster/serve.yaml", "cluster/submit.py")


def told(name):
    """Lines of a file that are commands, in its comments or indented in its text."""
    for line in text(name).replace("\\\n", " ").splitlines():
        for part in line.lstrip("# ").split(" · "):
            # What the command is for stands beside it, after several blanks or a number sign.
            command = re.split(r"\s{3,}|\s+#\s", part.strip())[0].strip("`").removesuffix(";")
            words = re.match(r"(?:(?:export )?[A-Z_]+=\S+ )*(ray|tuner|serve) [a-z]", command)
            if words and (" " * 4 in line[:4] or line.startswith("#")) and "..." not in command and "…" not in command:
                yield command


COMMANDS = sorted({(name, command) for name in TOLD_BY for command in told(name)})


def parsed(command):
    """Its program and its arguments, without the environment before them."""
    words = shlex.split(command)
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    return words[0], words[1:]


def test_the_page_shows_the_whole_way_from_a_token_to_the_end_of_the_cluster():
    every = " / ".join(command for _, command in COMMANDS)
    for needed in (
        "ray up cluster.yaml",
        "ray submit cluster.yaml cluster/submit.py dataset=cifar10 trials=50",
        "ray job submit --address http://localhost:8265 -- tuner run dataset=cifar10 trials=50",
        "ray dashboard cluster.yaml",
        "ray down cluster.yaml",
        "ray get-auth-token --generate",
    ):
        assert needed in every, needed
        assert needed in text("cluster/README.md"), needed


def test_the_page_s_sed_puts_the_image_into_the_file():
    (sed,) = re.findall(r'^    sed -i ("s/.+") cluster.yaml', text("cluster/README.md"), re.M)
    done = subprocess.run(
        ["bash", "-c", f"image=ami-0123456789abcdef0; sed {sed} {ROOT / 'cluster.yaml'}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    before, after = text("cluster.yaml").splitlines(), done.stdout.splitlines()
    (changed,) = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed.strip() == "ImageId: &image ami-0123456789abcdef0"
    images = [kind["node_config"]["ImageId"] for kind in loaded("cluster.yaml")["available_node_types"].values()]
    assert len(set(images)) == 1


def check_tuner(arguments):
    """That tuner's command line has this command, and that it knows each key of a study."""
    from typer.main import get_command

    from tuner.cli import app
    from tuner.console.arguments import read_spec

    command = get_command(app).commands[arguments[0]]
    context = command.make_context(arguments[0], [*arguments[1:]], resilient_parsing=False)
    if arguments[0] == "run" and not context.params["config"]:
        read_spec(context.params["assignments"] or [], None)


def check_ray(arguments):
    """That Ray's command line knows command and options, and that files exist which they name."""
    from ray.scripts.scripts import cli

    command, rest = cli, list(arguments)
    while hasattr(command, "commands"):
        command, name = command.commands[rest[0]], rest.pop(0)
    context = command.make_context(name, list(rest))
    given = context.params
    for key in ("cluster_config_file", "script"):
        if given.get(key):
            assert (ROOT / given[key]).is_file(), given[key]
    inner = given.get("entrypoint") or given.get("script_args") or shlex.split(given.get("cmd") or "")
    if name == "submit" and "script" in given:
        inner = ("tuner", "run", *inner)
    if inner and inner[0] == "tuner":
        check_tuner(list(inner[1:]))


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=lambda value: value)
def test_it_is_understood(name, command):
    program, arguments = parsed(command)
    if program == "tuner":
        check_tuner(arguments)
    elif program == "ray":
        check_ray(arguments)
    else:
        from ray.serve.scripts import cli

        inner = cli.commands[arguments[0]]
        inner.make_context(arguments[0], list(arguments[1:]))
        assert (ROOT / arguments[1]).is_file()


def test_an_option_that_is_not_there_is_found():
    import click

    with pytest.raises(click.NoSuchOption):
        check_ray(["up", "cluster.yaml", "--quickly"])
    with pytest.raises(FixInputError):
        check_ray(["submit", "cluster.yaml", "cluster/submit.py", "datset=cifar10"])


# --- ray submit ---


@pytest.fixture
def submitted(monkeypatch):
    """What `ray submit` does with a cluster: the file that it copies, and the command that it runs there."""
    from click.testing import CliRunner
    from ray.scripts import scripts

    seen = {}

    def rsync(config, source, target, cluster_name, **options):
        seen.update(copied=(source, target), down=options["down"])

    def exec_cluster(config, *, cmd, **options):
        seen.update(cmd=cmd, run_env=options["run_env"])

    monkeypatch.setattr(scripts, "rsync", rsync)
    monkeypatch.setattr(scripts, "exec_cluster", exec_cluster)

    def submit(*arguments):
        done = CliRunner().invoke(scripts.cli, ["submit", "cluster.yaml", "cluster/submit.py", *arguments])
        assert done.exit_code == 0, done.output
        return seen

    return submit


def as_the_head_sees(cmd):
    """The words of a command, after the head's shell has read it."""
    # The home folder there holds no file that a pattern in brackets could mean.
    done = subprocess.run(
        ["bash", "-c", f"python() {{ printf '%s\\n' \"$@\"; }}; {cmd}"],
        capture_output=True, text=True, check=True, cwd="/",
    )  # fmt: skip
    return done.stdout.splitlines()


def test_ray_submit_copies_the_script_and_runs_it_on_the_head_with_the_same_keys(submitted):
    seen = submitted("dataset=cifar10", "trials=50", "space.batch_size=[32,64]")
    assert seen["copied"] == ("cluster/submit.py", "~/submit.py")
    assert not seen["down"]
    script, *keys = as_the_head_sees(seen["cmd"])
    assert script.endswith("/submit.py")
    assert keys == ["dataset=cifar10", "trials=50", "space.batch_size=[32,64]"]


def test_what_has_blanks_is_quoted_twice(submitted):
    (_, name) = as_the_head_sees(submitted("run_name='my study'")["cmd"])
    assert name == "run_name=my study"


def test_options_come_after_two_dashes(submitted):
    assert as_the_head_sees(submitted("--", "--json", "dataset=digits")["cmd"])[1:] == ["--json", "dataset=digits"]


@pytest.fixture
def submit(monkeypatch):
    """Runs the script as the head does, up to the study; gives its exit code and the study's spec."""
    from tuner.console import session

    # Set first, so that what the script sets is undone: a test that starts Ray later would join whatever runs here.
    monkeypatch.setenv("RAY_ADDRESS", "")
    monkeypatch.delenv("RAY_ADDRESS")

    def run(*arguments):
        asked = []

        def run_study(spec, settings, *, as_json):
            asked.append((spec, as_json))
            return 130

        monkeypatch.setattr(session, "run_study", run_study)
        monkeypatch.setattr(sys, "argv", ["submit.py", *arguments])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(ROOT / "cluster" / "submit.py"), run_name="__main__")
        return ended.value.code, asked

    return run


def test_the_script_runs_the_study_that_tuner_run_would(submit):
    code, [(spec, as_json)] = submit("dataset=digits", "trials=3", "--json")
    assert (code, spec.data.dataset, spec.trials, as_json) == (130, "digits", 3, True)


def test_the_script_joins_the_cluster_and_starts_none_of_its_own(submit, monkeypatch):
    import os

    submit("dataset=digits")
    assert os.environ["RAY_ADDRESS"] == "auto"
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    submit("dataset=digits")
    assert os.environ["RAY_ADDRESS"] == "10.0.0.1:6379"


def test_what_is_wrong_is_told_as_by_tuner_run(submit, capsys):
    code, asked = submit("datset=digits")
    assert (code, asked) == (2, [])
    assert "datset" in capsys.readouterr().err


def test_the_script_can_be_copied_alone():
    """`ray submit` brings this one file: it needs nothing beside it but what is installed."""
    imported = re.findall(r"^(?:from|import) (\S+)", text("cluster/submit.py"), re.M)
    assert set(imported) <= {"__future__", "os", "sys", "tuner.cli"}


# --- RayJob ---


def test_the_job_s_entrypoint_is_a_study_that_goes_on_where_another_cluster_left_it():
    job = loaded("cluster/rayjob.yaml")
    bash, option, script = shlex.split(job["spec"]["entrypoint"])
    assert (bash, option) == ("bash", "-c")
    commands = [part.strip() for part in re.split(r";|\bthen\b|\belse\b|\bif\b|\bfi\b", script) if "tuner" in part]
    for command in commands:
        check_tuner(shlex.split(command.split(">")[0])[1:])
    names = {word for command in commands for word in re.findall(r"(?:show |resume |run_name=)(\S+)", command)}
    assert names == {job["metadata"]["name"]}
