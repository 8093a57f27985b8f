"""The command line: `tuner`. Says what there is and hands on; `tuner.console` does the work.

Results go to stdout, errors to stderr as one line. Exit codes: 0, 1 for a study that failed, 2 for input to mend, 130
after Ctrl-C. What takes long to import is imported by the command that needs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="Finds the best neural network for a data set: a live, distributed search on Ray.",
    epilog="Begin with: tuner run dataset=digits trials=8",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its help pages would take as long to import as everything else together
    context_settings={"help_option_names": ["-h", "--help"]},
)

BROKEN_PIPE = 1


def _fields(incomplete: str) -> list[tuple[str, str]]:
    from tuner.console.completion import study_fields

    return study_fields(incomplete)


def _resume_fields(incomplete: str) -> list[tuple[str, str]]:
    from tuner.console.completion import resume_fields

    return resume_fields(incomplete)


def _names(incomplete: str) -> list[tuple[str, str]]:
    from tuner.console.completion import study_names

    return study_names(incomplete)


Assignments = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="See: tuner options.", show_default=False, autocompletion=_fields),
]
MoreTrials = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="trials=N",
        help="New total number of trials; trials=+N: so many more.",
        show_default=False,
        autocompletion=_resume_fields,
    ),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A study: see tuner list.", autocompletion=_names)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"tuner {version('tuner')}")
        raise typer.Exit


@app.callback()
def _tuner(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command(epilog="Example: tuner run dataset=mnist trials=20 max_epochs_per_trial=10 space.activation=relu")
def run(
    assignments: Assignments = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="YAML file with such keys; arguments win.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Run a new study; Ctrl-C stops it, tuner resume goes on."""
    from tuner.console.arguments import read_spec

    spec = read_spec(assignments or [], config)
    from tuner.console.session import run_study

    return run_study(spec, _settings(), as_json=as_json)


@app.command()
def resume(name: Name, assignments: MoreTrials = None, as_json: AsJson = False) -> int:
    """Go on with a study that was stopped, or ask for more trials."""
    from tuner.console.arguments import read_trials
    from tuner.console.session import resume_study

    return resume_study(name, lambda asked: read_trials(assignments or [], asked), _settings(), as_json=as_json)


@app.command()
def cancel(name: Name) -> int:
    """Stop a study that runs, in another terminal or on another machine; tuner resume goes on."""
    from tuner.console import output
    from tuner.console.cancel import cancel_study

    with _store() as store:
        return cancel_study(store, name, output.console())


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List all studies, the newest first."""
    from tuner.console import listing, output

    with _store() as store:
        if as_json:
            output.print_json(listing.studies_json(store))
        else:
            listing.print_studies(store, output.console())


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show a study with all its trials."""
    from tuner.console import output
    from tuner.console.show import print_study, study_json

    with _store() as store:
        if as_json:
            output.print_json(study_json(store, name))
        else:
            print_study(store, name, output.console())


@app.command()
def best(name: Name, as_json: AsJson = False) -> None:
    """Show the best trial in detail, and how to use its model."""
    from tuner.console import output
    from tuner.console.best import best_json, find_best, print_best

    with _store() as store:
        found = find_best(store, name)
    if as_json:
        output.print_json(best_json(found))
    else:
        print_best(found, output.console())


@app.command()
def importance(name: Name, as_json: AsJson = False) -> None:
    """Show which hyperparameters decided the objective."""
    from tuner.console import output
    from tuner.console.importance import importance_json, print_importance

    with _store() as store:
        if as_json:
            output.print_json(importance_json(store, name))
        else:
            print_importance(store, name, output.console())


@app.command()
def explain(
    name: Name,
    trial: Annotated[
        int | None, typer.Argument(metavar="TRIAL", help="Its number. Default: the best trial, then the study.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what is unwell with a trial and what to try, and what drives health."""
    from tuner.console import output
    from tuner.console.explain import explain_json, print_explanation

    with _store() as store:
        if as_json:
            output.print_json(explain_json(store, name, trial))
        else:
            print_explanation(store, name, trial, output.console())


@app.command()
def export(
    name: Name,
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="Default: ./NAME-best_model", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Overwrite a model that is there already.")] = False,
) -> None:
    """Copy the best model and its metadata into a folder."""
    from tuner.console import output
    from tuner.console.best import export as copy
    from tuner.console.best import find_best

    with _store() as store:
        found = find_best(store, name)
    target = folder or Path(f"{name}-best_model")
    copy(found, target, force=force)
    output.console().print(f"copied model.keras and metadata.json to {target}", soft_wrap=True)


@app.command(epilog="Example: tuner optuna mnist --follow, and optuna-dashboard in another terminal.")
def optuna(
    name: Name,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until the study has ended.")] = False,
) -> int:
    """Write a study into Optuna's tables, for optuna-dashboard."""
    from tuner.console import output
    from tuner.console.optuna import export_to_optuna

    return export_to_optuna(_settings(), name, output.console(), follow=follow)


@app.command()
def options(as_json: AsJson = False) -> None:
    """List all keys of tuner run, and the search space."""
    from tuner.console import output
    from tuner.console.options import print_options
    from tuner.search.options import options_json

    if as_json:
        output.print_json(options_json())
    else:
        print_options(output.console())


datasets_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
app.add_typer(datasets_app, name="datasets")


@datasets_app.callback()
def list_datasets(context: typer.Context, as_json: AsJson = False) -> None:
    """List the data sets that have a name."""
    if context.invoked_subcommand is not None:
        return
    from tuner.console import datasets, output

    own = datasets.own_datasets(_settings())
    if as_json:
        output.print_json(datasets.datasets_json(own))
    else:
        datasets.print_datasets(output.console(), own)


@datasets_app.command(name="add", epilog="Example: tuner datasets add leaves photos/leaves")
def add_dataset(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What studies will call it.")],
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A file, or a folder of images by class; it stays there.")
    ],
) -> None:
    """Give an own data set a name, for tuner run and for the served application."""
    from tuner.console import datasets, output

    datasets.add_dataset(_settings(), name, path, output.console())


@app.command()
def serve(
    host: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="Address to listen on. Default: 127.0.0.1", show_default=False),
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="PORT", help="0: any that is free. Default: 8000", show_default=False)
    ] = None,
    replicas: Annotated[int, typer.Option(min=1, metavar="N", help="Processes that answer requests.")] = 1,
    go_on: Annotated[
        bool | None,
        typer.Option("--go-on/--no-go-on", help="Go on with interrupted studies. Default: ask.", show_default=False),
    ] = None,
) -> None:
    """Serve the API, the live feed and predictions until Ctrl-C."""
    from serve_app.serving import Terminal, read_settings
    from serve_app.serving import serve as serve_until_stopped

    settings = read_settings(host, port)
    from tuner.console import output

    out = output.console()

    def say(line: str) -> None:
        out.print(line, markup=False, highlight=False, soft_wrap=True)

    def ask(question: str) -> bool:
        return typer.confirm(question, default=True)

    terminal = Terminal(say, ask if sys.stdin.isatty() and out.is_terminal else None)
    serve_until_stopped(settings, terminal, replicas=replicas, go_on=go_on)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; gives the exit code. Every error becomes one line on stderr, unless TUNER_DEBUG=1."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a sign shows another one
    try:
        code = app(args=None if arguments is None else list(arguments), prog_name="tuner", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted. What is left in the buffer must not be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return BROKEN_PIPE
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 1
    except BaseException as error:  # noqa: BLE001 - the last one to see it
        from tuner.console.error_output import tell

        return tell(error)
    return code if isinstance(code, int) else 0


def _settings() -> Any:
    from tuner.settings import Settings

    return Settings()


def _store() -> Any:
    from tuner.store import Store

    return Store.open(_settings().store_url())


if __name__ == "__main__":
    sys.exit(main())
