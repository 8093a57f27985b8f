"""The `tuner` command line: defines commands and options; `tuner.console` implements them.

Results go to stdout, errors to stderr in one line. Exit codes: 0 for success, 1 for a failed study or an internal
error, 2 for wrong input, 130 after Ctrl-C. Each command imports slow packages itself, so that `--help` stays fast.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import typer

app = typer.Typer(
    help="Finds the best neural network for a data set by a distributed search on Ray.",
    epilog="First study: tuner run dataset=digits trials=8",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # importing rich help pages would double the start time
    context_settings={"help_option_names": ["-h", "--help"]},
)

BROKEN_PIPE = 1


def _completion(function: str) -> Callable[[str], list[tuple[str, str]]]:
    def complete(incomplete: str) -> list[tuple[str, str]]:
        from tuner.console import completion

        found: list[tuple[str, str]] = getattr(completion, function)(incomplete)
        return found

    return complete


Assignments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY=VALUE",
        help="Fields of the study; tuner options lists them all.",
        show_default=False,
        autocompletion=_completion("study_fields"),
    ),
]
MoreTrials = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="trials=N",
        help="New total number of trials; trials=+N adds N.",
        show_default=False,
        autocompletion=_completion("resume_fields"),
    ),
]
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="Name of a study; tuner list shows all.", autocompletion=_completion("study_names")
    ),
]
KeptTrial = Annotated[
    int | None,
    typer.Option(
        "--trial", metavar="N", help="Number of a trial whose model was kept (keep_models). Default: the best one."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout.")]


def _print_version(requested: bool) -> None:
    if requested:
        from importlib.metadata import version

        print(f"tuner {version('tuner')}")
        raise typer.Exit


@app.callback()
def _tuner(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command(epilog="Example: tuner run dataset=mnist trials=20 max_epochs_per_trial=10 space.activation=relu")
def run(
    assignments: Assignments = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="YAML file with fields; KEY=VALUE overrides it."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what the study would do; start and write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Run a new study; Ctrl-C stops it, tuner resume continues it."""
    from tuner.console.arguments import read_spec

    spec = read_spec(assignments or [], config)
    if dry_run:
        from tuner.console import output
        from tuner.console.dry_run import print_dry_run

        print_dry_run(spec, _settings(), output.console(), as_json=as_json)
        return 0
    from tuner.console.session import run_study

    return run_study(spec, _settings(), as_json=as_json)


@app.command()
def resume(name: Name, assignments: MoreTrials = None, as_json: AsJson = False) -> int:
    """Continue a stopped study, or add trials to a study."""
    from tuner.console.arguments import read_trials
    from tuner.console.session import resume_study

    with _store() as store:
        store.study(name)
    return resume_study(name, lambda asked: read_trials(assignments or [], asked), _settings(), as_json=as_json)


@app.command()
def cancel(name: Name) -> int:
    """Stop a running study, here or on another machine."""
    from tuner.console import output
    from tuner.console.cancel import cancel_study

    with _store() as store:
        return cancel_study(store, name, output.console())


@app.command()
def delete(
    name: Name,
    models: Annotated[
        bool, typer.Option("--models", help="Delete only the models of other trials that keep_models has kept.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
) -> int:
    """Delete a study with its model, its files and all records of it."""
    from tuner.console import output
    from tuner.console.delete import delete_models, delete_study

    ask = partial(typer.confirm, default=False) if sys.stdin.isatty() and not yes else None
    with _store() as store:
        return (delete_models if models else delete_study)(store, name, output.console(), ask)


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List all studies, newest first."""
    from tuner.console import listing, output

    with _store() as store:
        listing.print_studies(store, output.console(), as_json=as_json)


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show a study and all its trials."""
    from tuner.console import output
    from tuner.console.show import print_study

    with _store() as store:
        print_study(store, name, output.console(), as_json=as_json)


@app.command()
def best(name: Name, as_json: AsJson = False) -> None:
    """Show the best trial and how to use its model."""
    from tuner.console import output
    from tuner.console.best import find_best, print_best

    with _store() as store:
        found = find_best(store, name)
    print_best(found, output.console(), as_json=as_json)


@app.command()
def importance(name: Name, as_json: AsJson = False) -> None:
    """Show which hyperparameters influenced the objective most."""
    from tuner.console import output
    from tuner.console.importance import print_importance

    with _store() as store:
        print_importance(store, name, output.console(), as_json=as_json)


@app.command(epilog="Example: tuner timeline first --output first.png")
def timeline(
    name: Name,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.png|svg", help="Draw it into a file too.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show where the time of a study went."""
    from tuner.console import output as outputs
    from tuner.console.timeline import print_timeline

    with _store() as store:
        print_timeline(store, name, output, outputs.console(), as_json=as_json)


@app.command()
def explain(
    name: Name,
    trial: Annotated[
        int | None, typer.Argument(metavar="TRIAL", help="Trial number. Default: the best trial, and the whole study.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show training problems and how to fix them."""
    from tuner.console import output
    from tuner.console.explain import print_explanation

    with _store() as store:
        print_explanation(store, name, trial, output.console(), as_json=as_json)


@app.command(epilog="Example: tuner export first first-onnx --format onnx")
def export(
    name: Name,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Default: ./NAME-best_model, or ./NAME-trial-N", show_default=False),
    ] = None,
    form: Annotated[
        Literal["keras", "onnx", "litert"],
        typer.Option("--format", help="keras copies the model; onnx (needs tuner[onnx]) and litert convert it."),
    ] = "keras",
    trial: KeptTrial = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Overwrite an existing model.")] = False,
) -> None:
    """Write the best model and its metadata to a folder."""
    from tuner.console import best, output
    from tuner.console.export import export as export_model

    with _store() as store:
        found = best.find_model(store, name, trial)
    target = folder or Path(f"{name}-best_model" if trial is None else f"{name}-trial-{trial}")
    export_model(found, target, _settings(), output.console(), form=form, force=force)


@app.command(epilog="Example: tuner predict first photos/ --output photos.csv")
def predict(
    name: Name,
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH", help="Images, texts or a table: a file or a folder; - reads texts from the standard input."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.csv", help="Write all predictions to a file.", show_default=False),
    ] = None,
    trial: KeptTrial = None,
    as_json: AsJson = False,
) -> None:
    """Classify images or texts with the best model."""
    from tuner.console import best
    from tuner.console import output as outputs
    from tuner.console.predict import predict as predict_samples

    with _store() as store:
        found = best.find_model(store, name, trial)
    predict_samples(found, path, output, outputs.console(), as_json=as_json)


@app.command(epilog="Example: tuner plots first, and tuner plots first 3 --format svg")
def plots(
    name: Name,
    trial: Annotated[
        int | None,
        typer.Argument(metavar="TRIAL", help="Number of a trial. Default: figures of the study.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Default: the folder plots of the study.", show_default=False
        ),
    ] = None,
    form: Annotated[
        Literal["png", "svg", "html"],
        typer.Option("--format", help="html: interactive figures, of the study only."),
    ] = "png",
) -> None:
    """Draw the figures of a study, or of one of its trials."""
    from tuner.console import output as outputs
    from tuner.console.plots import draw_plots

    with _store() as store:
        draw_plots(store, name, trial, output, form, _settings(), outputs.console())


@app.command(epilog="Example: tuner report first --open")
def report(
    name: Name,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE.html",
            help="Default: report.html in the study's folder.",
            show_default=False,
        ),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
) -> None:
    """Write a study's report: one HTML file with results, figures and advice."""
    from tuner.console import output as outputs
    from tuner.console.report import print_report

    opens = None
    if open_browser:
        from serve_app.browser import open_in_browser

        opens = open_in_browser
    with _store() as store:
        print_report(store, name, output, _settings(), outputs.console(), opens=opens)


@app.command(name="export-study", epilog="Example: tuner export-study first --format parquet")
def export_study(
    name: Name,
    form: Annotated[
        Literal["csv", "json", "parquet"],
        typer.Option("--format", help="csv and parquet: a table of trials and one of epochs; json: one document."),
    ] = "csv",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="Default: the folder export of the study.", show_default=False
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Overwrite existing files.")] = False,
) -> None:
    """Write a study's trials and epochs to files."""
    from tuner.console import output as outputs
    from tuner.console.export_study import export_study as export_rows

    export_rows(_settings(), name, outputs.console(), form=form, output=output, force=force)


@app.command(epilog="Example: tuner optuna mnist --follow, and optuna-dashboard in another terminal.")
def optuna(
    name: Name,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until the study has ended.")] = False,
) -> int:
    """Write a study into Optuna's tables, for optuna-dashboard."""
    from tuner.console import output
    from tuner.console.optuna import export_to_optuna

    with _store() as store:
        store.study(name)
    return export_to_optuna(_settings(), name, output.console(), follow=follow)


@app.command()
def options(as_json: AsJson = False) -> None:
    """List all fields of a study, and the search space."""
    from tuner.console import output
    from tuner.console.options import print_options

    print_options(output.console(), as_json=as_json)


datasets_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
app.add_typer(datasets_app, name="datasets")


@datasets_app.callback()
def list_datasets(context: typer.Context, as_json: AsJson = False) -> None:
    """List the available data sets."""
    if context.invoked_subcommand is not None:
        return
    from tuner.console import datasets, output

    datasets.print_datasets(_settings(), output.console(), as_json=as_json)


@datasets_app.command(name="add", epilog="Example: tuner datasets add leaves photos/leaves")
def add_dataset(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the data set in dataset=NAME.")],
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A file, or a folder of images or texts by class; it is not copied.")
    ],
) -> None:
    """Register your own data set under a name."""
    from tuner.console import datasets, output

    datasets.add_dataset(_settings(), name, path, output.console())


@datasets_app.command(name="check", epilog="Example: tuner datasets check photos/leaves validation_split=0.1")
def check_dataset(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A file, a folder, or the name of a data set.")],
    assignments: Assignments = None,
    as_json: AsJson = False,
) -> None:
    """Read a data set and show what a study would get of it."""
    from tuner.console import datasets, output
    from tuner.console.arguments import read_spec

    spec = read_spec([f"dataset={path}", *(assignments or [])], None)
    datasets.check_dataset(_settings(), spec, output.console(), as_json=as_json)


@datasets_app.command(name="remove")
def remove_dataset(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a data set that was added.")],
) -> None:
    """Remove a data set that was added or uploaded; the files of an added one stay."""
    from tuner.console import datasets, output

    datasets.remove_dataset(_settings(), name, output.console())


@app.command()
def serve(
    host: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="Address to listen on. Default: 127.0.0.1", show_default=False),
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="PORT", help="0 takes any free port. Default: 8000", show_default=False)
    ] = None,
    replicas: Annotated[int, typer.Option(min=1, metavar="N", help="Number of processes that answer requests.")] = 1,
    go_on: Annotated[
        bool | None,
        typer.Option("--go-on/--no-go-on", help="Resume interrupted studies. Default: ask.", show_default=False),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the dashboard in the browser.")] = False,
) -> None:
    """Serve the dashboard, HTTP API, live feed and predictions until Ctrl-C."""
    from serve_app.browser import open_in_browser
    from serve_app.serving import Terminal, read_settings
    from serve_app.serving import serve as serve_until_stopped

    settings = read_settings(host, port)
    from tuner.console import output

    out = output.console()
    ask = partial(typer.confirm, default=True) if sys.stdin.isatty() and out.is_terminal else None
    opens = open_in_browser if open_browser else None
    terminal = Terminal(partial(output.print_line, out), ask, output.print_error, opens)
    serve_until_stopped(settings, terminal, replicas=replicas, go_on=go_on)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Every error is printed as one line on stderr; TUNER_DEBUG=1 adds the traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a character that the terminal lacks is replaced
    try:
        code = app(args=None if arguments is None else list(arguments), prog_name="tuner", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) closed the pipe: the rest of the buffer must not be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return BROKEN_PIPE
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 1
    except BaseException as error:  # noqa: BLE001 - the outermost handler
        from tuner.console.error_output import report_error

        return report_error(error)
    return code if isinstance(code, int) else 0


def _settings() -> Any:
    from tuner.settings import Settings

    return Settings()


@contextmanager
def _store() -> Iterator[Any]:
    """The database, for commands that start no study; where there is none, an empty one that leaves nothing behind."""
    from tuner.store import NoDatabaseError, Store

    with ExitStack() as until_end:
        try:
            opened = Store.open(_settings().store_url(), create=False)
        except NoDatabaseError:
            opened = Store.open(f"sqlite:///{until_end.enter_context(TemporaryDirectory())}/tuner.db")
        yield until_end.enter_context(opened)


if __name__ == "__main__":
    sys.exit(main())
