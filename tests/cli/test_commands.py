"""Every command that only reads, on studies whose events are made up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests import saved_models
from tests.cli.conftest import Tuner
from tests.saved_models import DAMAGES
from tests.store.samples import BASELINE, DATA, GOOD, complete, epoch, start
from tests.store.samples import spec as make_spec
from tuner.events import BaselineFitted, DataRead, NewBest, StudyStatus
from tuner.health.health_text import METRICS
from tuner.search.options import GROUPS, fields, space_rows
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store, TrialRow
from tuner.store.changes import Changes
from tuner.study.class_scores import class_scores

SLOW = ("ray", "tensorflow", "keras", "pandas", "sklearn", "optuna", "matplotlib")


class TestHelp:
    def test_without_a_command_the_help_is_shown(self, tuner: Tuner) -> None:
        code, out, err = tuner()
        assert (code, err) == (0, "")
        commands = (
            "run",
            "resume",
            "cancel",
            "list",
            "show",
            "best",
            "importance",
            "explain",
            "export",
            "predict",
            "options",
        )
        for command in (*commands, "datasets"):
            assert f"\n  {command} " in out
        assert tuner("--help").out == out

    def test_the_version(self, tuner: Tuner) -> None:
        assert tuner("--version").out.startswith("tuner ")

    @pytest.mark.parametrize(
        ("arguments", "line"),
        [
            (["lst"], "No such command 'lst'. Did you mean 'list'? - see `tuner --help`"),
            (["run", "--trials=3"], "no such option: --trials - write trials=..."),
            (["run", "--time-budget-s", "3"], "no such option: --time-budget-s - write time_budget_s=..."),
            (["show"], "Missing argument 'NAME' - see `tuner show --help`"),
            (["run", "mnist"], "'mnist' has no '=' - write key=value, such as dataset=mnist"),
            (["run", "-c", "no"], "cannot read no: No such file or directory - check the path after --config"),
            (["show", "x"], "unknown study 'x' - the database has no studies yet"),
            (["explain"], "Missing argument 'NAME' - see `tuner explain --help`"),
            (["resume", "x"], "unknown study 'x' - the database has no studies yet"),
        ],
    )  # fmt: skip
    def test_wrong_input_is_one_line_and_exit_code_2(self, tuner: Tuner, arguments: list[str], line: str) -> None:
        assert tuner(*arguments) == (2, "", f"error: {line}\n")

    def test_an_unreachable_database_is_one_line(self, tuner: Tuner, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TUNER_DATABASE_URL", "nonsense")
        code, out, err = tuner("list")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "Traceback" not in err


class TestList:
    def test_no_studies_is_no_error(self, tuner: Tuner) -> None:
        code, out, err = tuner("list")
        assert (code, err) == (0, "")
        assert "No studies yet" in out
        assert json.loads(tuner("list", "--json").out) == []

    def test_a_command_that_starts_no_study_leaves_nothing_behind(self, tuner: Tuner, results: Path) -> None:
        for command in (["list"], ["show", "x"], ["delete", "x"], ["predict", "x", "y.png"]):
            tuner(*command)
        assert not results.exists()

    def test_a_line_per_study(self, tuner: Tuner, finished: str) -> None:
        _, line = tuner("list").out.splitlines()
        assert line.split()[:6] == ["a", "completed", "digits", "4/8", "val_accuracy", "0.8750"]
        (row,) = json.loads(tuner("list", "--json").out)
        assert (row["name"], row["trials_performed"], row["spec"]["trials"]) == ("a", 4, 8)

    @pytest.mark.parametrize("columns", ["30", "60", "80", "120"])
    def test_a_name_is_never_cut(self, tuner: Tuner, finished: str, columns: str, monkeypatch) -> None:
        with Store.open(Settings().store_url()) as store:
            store.create_study(StudySpec(run_name="digits-20261123-101500"), folder="/")
        monkeypatch.setenv("COLUMNS", columns)
        assert "digits-20261123-101500" in tuner("list").out


class TestShow:
    def test_the_study_and_all_its_trials(self, tuner: Tuner, finished: str) -> None:
        code, out, err = tuner("show", "a")
        assert (code, err) == (0, "")
        assert "4/8 finished (2 completed, 1 pruned, 1 failed, 1 cancelled)" in out
        assert "trial 2: val_accuracy 0.8750, test_accuracy 0.8125" in out
        assert "all epochs done: 10" in out
        assert "0.00123" in out

    def test_what_a_trial_says_cannot_steer_the_terminal(self, tuner: Tuner, finished: str) -> None:
        out = tuner("show", "a").out
        assert "ValueError: [bold]no [31m way" in out
        assert "\x1b" not in out

    @pytest.mark.parametrize("columns", [20, 40, 80, 200])
    def test_it_fits_the_terminal(
        self, tuner: Tuner, finished: str, monkeypatch: pytest.MonkeyPatch, columns: int
    ) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = tuner("show", "a").out.splitlines()
        table = lines[lines.index("") :] if "" in lines else lines
        assert max(map(len, table[:-2])) <= columns
        if columns >= 40:
            assert any("completed" in line and "0.8750" in line for line in table)

    def test_json_has_the_study_and_what_belongs_to_it_side_by_side(self, tuner: Tuner, finished: str) -> None:
        code, out, err = tuner("show", "a", "--json")
        document = json.loads(out)
        assert (code, err) == (0, "")
        assert {"name", "status", "spec", "folder", "test_accuracy", "progress", "best", "trials"} <= set(document)
        assert document["progress"]["trials_performed"] == 4
        assert [trial["trial_number"] for trial in document["trials"]] == [1, 2, 3, 4, 5]
        assert document["best"] == document["trials"][1]
        assert TrialRow.model_validate(document["best"]).trial_id == "a-00002"

    def test_a_best_trial_that_was_cancelled_says_so(self, tuner: Tuner, store: Store, results: Path) -> None:
        store.create_study(make_spec("c", trials=8), folder=str(results / "c"))
        for event in (
            StudyStatus(status="running"),
            start(1),
            epoch(),
            complete(1, status="cancelled", performance=GOOD, best_epoch=1, epochs_trained=1),
            NewBest(trial_number=1, objective=GOOD.accuracy, performance=GOOD),
        ):
            store.append("c", event)
        out = tuner("show", "c").out
        assert "0/8 finished (1 cancelled)" in out
        assert "best      trial 1 (cancelled): val_accuracy" in out
        assert "trial 1 (cancelled)" in tuner("best", "c").out

    def test_what_people_wrote_on_the_dashboard_is_shown(self, tuner: Tuner, finished: str, store: Store) -> None:
        assert not {"tags", "note", "starred", "notes"} & {
            line.split(" ")[0] for line in tuner("show", "a").out.splitlines()
        }
        changes = Changes(store)
        changes.change_study("a", {"note": "for the talk", "tags": ["mnist", "talk"]})
        changes.change_trial("a", 1, {"note": "odd curve", "starred": True})
        lines = [line.rstrip().split(maxsplit=1) for line in tuner("show", "a").out.splitlines()]
        for line in (
            ["tags", "mnist, talk"],
            ["note", "for the talk"],
            ["starred", "trial 1"],
            ["notes", "trial 1: odd curve"],
        ):
            assert line in lines

    def test_a_misspelt_name_gets_the_nearest(self, tuner: Tuner, finished: str) -> None:
        assert tuner("show", "aa").err == "error: unknown study 'aa' - did you mean 'a'?\n"


class TestBest:
    def test_the_trial_its_scores_and_how_to_use_it(self, tuner: Tuner, finished: str, results: Path) -> None:
        code, out, err = tuner("best", "a")
        assert (code, err) == (0, "")
        words = [line.split() for line in out.splitlines()]
        assert ["accuracy", "0.8750", "0.8125"] in words
        assert ["learning_rate", "0.00123"] in words
        assert f"keras.saving.load_model('{results}/a/best_model/model.keras')" in out
        assert "# shape (samples, 8, 8, 1), pixels from 0 to 16" in out

    def test_json(self, tuner: Tuner, finished: str) -> None:
        document = json.loads(tuner("best", "a", "--json").out)
        assert (document["study"], document["trial_number"], document["test_accuracy"]) == ("a", 2, 0.8125)
        assert len(document["code"]) == 3

    def test_the_test_scores_by_class(self, tuner: Tuner, finished: str, results: Path) -> None:
        metadata = results / "a" / "best_model" / "metadata.json"
        scores = class_scores(np.array([[97, 0], [3, 0]]), ["common", "rare"])
        known = json.loads(metadata.read_text()) | scores.model_dump(mode="json")
        metadata.write_text(json.dumps(known))
        out = tuner("best", "a").out
        words = [line.split() for line in out.splitlines()]
        assert ["balanced", "accuracy", "0.5000"] in words
        assert ["rare", "-", "0.0000", "0.0000", "3"] in words
        assert "1 of 2 classes never predicted: 'rare'" in out
        line = "balanced accuracy 0.5000, macro F1 0.4924; 1 of 2 classes never predicted: 'rare'"
        assert line in tuner("show", "a").out
        document = json.loads(tuner("best", "a", "--json").out)
        assert (document["test_balanced_accuracy"], document["per_class"][1]["label"]) == (0.5, "rare")

    def test_of_many_classes_the_worst_ten(self, tuner: Tuner, finished: str, results: Path) -> None:
        metadata = results / "a" / "best_model" / "metadata.json"
        confusion = np.eye(46, dtype=int) * 9
        confusion[40:, 0] = np.arange(1, 7)
        scores = class_scores(confusion, [f"class{index}" for index in range(46)])
        metadata.write_text(json.dumps(json.loads(metadata.read_text()) | scores.model_dump(mode="json")))
        out = tuner("best", "a").out
        assert "Test scores by class: the worst 10 of 46" in out
        assert [word for word in out.split() if word[:5] == "class" and word[5:6].isdigit()][:7] == [
            "class0", "class45", "class44", "class43", "class42", "class41", "class40",
        ]  # fmt: skip

    def test_the_model_of_a_running_study_comes_at_its_end(self, tuner: Tuner, running: str) -> None:
        code, out, _ = tuner("best", "a")
        assert code == 0
        assert "it is saved when the study ends" in out
        assert json.loads(tuner("best", "a", "--json").out)["model_path"] is None

    def test_a_refitted_model_is_said_to_be_one(self, tuner: Tuner, finished: str, results: Path) -> None:
        file = results / "a" / "best_model" / "metadata.json"
        refit = {"epochs": 3, "samples": 1_438, "seconds": 2.0}
        file.write_text(json.dumps(json.loads(file.read_text()) | {"refit": refit}))
        out = tuner("best", "a").out
        assert "then     refitted on 1,438 samples (training and validation) for 3 epochs in 2.0 s" in out
        assert "Validation scores are of the search, test scores of the refitted model that is saved." in out
        assert json.loads(tuner("best", "a", "--json").out)["refit"] == refit
        assert "test_accuracy 0.8125 (refitted)" in tuner("show", "a").out

    def test_a_model_of_an_earlier_best_is_not_taken_for_it(self, tuner: Tuner, finished: str, results: Path) -> None:
        saved_models.change(results / "a" / "best_model", trial_number=1, test_accuracy=0.1111)
        assert "0.1111" not in tuner("best", "a").out
        assert tuner("export", "a").code == 2


class TestBaseline:
    PART = "logistic regression over 8 x 8 pixels (learned from 4 of 6 training samples)"

    @pytest.mark.parametrize(("learned_from", "shown"), [(4, PART), (6, BASELINE.name)])
    def test_show_and_best_say_that_it_learned_from_a_part_of_the_training_samples(
        self, tuner: Tuner, finished: str, store: Store, monkeypatch, learned_from: int, shown: str
    ) -> None:
        store.append(finished, DataRead(data=DATA))
        baseline = BASELINE.model_copy(update={"training_samples": learned_from})
        store.append(finished, BaselineFitted(baseline=baseline))
        monkeypatch.setenv("COLUMNS", "200")
        assert f"{shown}: val_accuracy 0.8500, test_accuracy 0.8000" in tuner("show", finished).out
        assert f"The baseline is {shown}." in tuner("best", finished).out

    def test_without_the_size_of_the_data_no_part_is_named(
        self, tuner: Tuner, finished: str, store: Store, monkeypatch
    ) -> None:
        store.append(finished, BaselineFitted(baseline=BASELINE))
        monkeypatch.setenv("COLUMNS", "200")
        assert f"{BASELINE.name}: val_accuracy 0.8500" in tuner("show", finished).out


class TestDamagedModel:
    @pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
    def test_every_command_names_it_with_the_remedy(
        self, tuner: Tuner, finished: str, results: Path, damage: Callable[[Path], object], message: str
    ) -> None:
        damage(results / "a" / "best_model")
        said = f"the saved model of study 'a' is damaged: {message}"
        for command in (("predict", "a", "photo.png"), ("export", "a"), ("export", "a", "--format", "litert")):
            code, out, err = tuner(*command)
            assert (code, out, err.count("\n")) == (2, "", 1)
            assert err.startswith(f"error: {said}")
            assert err.endswith(" - `tuner resume a` saves it again\n")
        code, out, err = tuner("best", "a")
        assert (code, err) == (0, "")
        assert f"No usable model: {said}" in " ".join(out.split())
        told = json.loads(tuner("best", "a", "--json").out)
        assert (told["model_path"], told["damage"].startswith(said)) == (None, True)
        assert tuner("show", "a").code == 0

    def test_the_file_of_another_model_is_not_used(self, tuner: Tuner, finished: str, results: Path) -> None:
        saved_models.change(results / "a" / "best_model", model_sha256="0" * 64)
        for command in (("predict", "a", "photo.png"), ("export", "a")):
            assert "model.keras is not the file that metadata.json describes" in tuner(*command).err

    def test_a_kept_model_is_restored_from_a_copy(self, tuner: Tuner, keeps_all: Path) -> None:
        DAMAGES["cut short"][0](keeps_all / "models" / "trial-00001")
        err = tuner("predict", "a", "photo.png", "--trial", "1").err
        assert err.endswith("model.keras is incomplete, or no Keras model - restore its folder from a copy\n")
        assert tuner("export", "a").code == 0


@pytest.fixture
def keeps_all(store: Store, finished: str, results: Path) -> Path:
    """The folder of that study, which keeps all models: here, that of trial 1."""
    store.update_spec("a", make_spec("a", dataset="digits", trials=8, keep_models="all"))
    folder = results / "a" / "models" / "trial-00001"
    saved_models.save(folder, "a", "x" * 660_000, trial_number=1)
    return results / "a"


class TestExport:
    def test_a_copy_of_the_model(self, tuner: Tuner, finished: str, tmp_path: Path) -> None:
        code, out, _ = tuner("export", "a")
        assert (code, out) == (0, "copied model.keras and metadata.json to a-best_model\n")
        assert (tmp_path / "a-best_model" / "model.keras").read_bytes() == saved_models.keras_file()
        assert {file.name for file in (tmp_path / "a-best_model").iterdir()} == {"model.keras", "metadata.json"}

    def test_nothing_is_overwritten_unless_forced(self, tuner: Tuner, finished: str, tmp_path: Path) -> None:
        (tmp_path / "there").mkdir()
        (tmp_path / "there" / "model.keras").write_bytes(b"mine")
        (tmp_path / "there" / "other").write_bytes(b"mine")
        assert tuner("export", "a", "there").err == (
            "error: there already exists - choose another folder, or add --force\n"
        )
        assert (tmp_path / "there" / "model.keras").read_bytes() == b"mine"
        assert tuner("export", "a", "there", "--force").code == 0
        assert (tmp_path / "there" / "model.keras").read_bytes() == saved_models.keras_file()
        assert (tmp_path / "there" / "other").read_bytes() == b"mine"

    def test_into_a_new_folder_below_others(self, tuner: Tuner, finished: str, tmp_path: Path) -> None:
        assert tuner("export", "a", "x/y", "--trial", "2").code == 0
        assert (tmp_path / "x" / "y" / "metadata.json").exists()

    def test_of_another_trial_there_is_none(self, tuner: Tuner, finished: str) -> None:
        refused = tuner("export", "a", "--trial", "1")
        assert (refused.code, refused.out) == (2, "")
        assert refused.err.startswith("error: the model of trial 1 was not kept: only that of the best trial, 2, is - ")
        assert tuner("export", "a", "--trial", "9").err == "error: study 'a' has no trial 9 - see `tuner show a`\n"

    def test_of_a_trial_whose_model_was_kept(
        self, tuner: Tuner, finished: str, keeps_all: Path, tmp_path: Path
    ) -> None:
        assert "models    1 kept model, 2.0 MB (1)" in tuner("show", "a").out
        assert json.loads(tuner("show", "a", "--json").out)["kept_models"]["trials"] == [1]
        code, out, _ = tuner("export", "a", "--trial", "1")
        assert (code, out) == (0, "copied model.keras and metadata.json to a-trial-1\n")
        assert (tmp_path / "a-trial-1" / "model.keras").read_bytes() == saved_models.keras_file("x" * 660_000)
        refused = tuner("predict", "a", "x.png", "--trial", "3").err
        assert refused.startswith("error: the model of trial 3 was not kept: only those of trials 1, 2 are - set keep_")
        deleted = tuner("delete", "a", "--models", "--yes").out
        assert deleted == "deleted 1 kept model, 2.0 MB of study a; its best model stays\n"
        assert (keeps_all / "best_model" / "model.keras").exists()
        assert tuner("export", "a", "there", "--trial", "1").code == 2
        assert tuner("export", "a", "there").code == 0

    def test_never_onto_itself(self, tuner: Tuner, finished: str, results: Path) -> None:
        code, _, err = tuner("export", "a", str(results / "a" / "best_model"), "--force")
        assert code == 2
        assert "already holds this model" in err
        assert (results / "a" / "best_model" / "model.keras").read_bytes() == saved_models.keras_file()

    def test_a_study_without_model_and_a_folder_that_cannot_be(
        self, tuner: Tuner, finished: str, results: Path
    ) -> None:
        (results / "file").write_text("")
        assert tuner("export", "a", str(results / "file" / "x")).code == 2
        (results / "a" / "best_model" / "model.keras").unlink()
        code, _, err = tuner("export", "a")
        assert (code, err.count("\n")) == (2, 1)


class TestOptions:
    def test_every_field_is_in_one_group(self) -> None:
        grouped = [name for names in GROUPS.values() for name in names]
        assert sorted(grouped) == sorted(StudySpec.model_fields)
        assert all(option.meaning and option.kind for option in fields())

    def test_fields_and_search_space(self, tuner: Tuner) -> None:
        code, out, err = tuner("options")
        assert (code, err) == (0, "")
        for name in StudySpec.model_fields:
            assert f"\n{name} " in out
        for metric in METRICS:
            assert f"\n  .{metric} " in out, "below health_weights"
        for row in (*space_rows("images"), *space_rows("texts")):
            assert f"\n{row.name} " in out

    def test_conditions_are_told(self) -> None:
        conditions = [row.only_with for row in space_rows("images") if row.name == "learning_rate"]
        assert conditions == ["optimizer adam, adamw", "optimizer rmsprop", "optimizer sgd"]
        assert [row.name for row in space_rows("images")][:4] == [
            "conv_layers",
            "block",
            "block_layers",
            "filters_1 ... 8",
        ]

    def test_json(self, tuner: Tuner) -> None:
        document = json.loads(tuner("options", "--json").out)
        names = {field["name"] for field in document["fields"]}
        assert {name for name in names if "." not in name} == set(StudySpec.model_fields)
        assert {name for name in names if "." in name} == {f"health_weights.{metric}" for metric in METRICS}
        assert set(document["search_space"]) == {"images", "texts"}


def test_datasets(tuner: Tuner) -> None:
    assert "digits" in tuner("datasets").out
    assert "mnist" in {info["name"] for info in json.loads(tuner("datasets", "--json").out)}


class TestCompletion:
    def complete(self, words: str, cursor: int) -> list[str]:
        environment = os.environ | {"COMP_WORDS": words, "COMP_CWORD": str(cursor), "_TUNER_COMPLETE": "complete_bash"}
        command = [sys.executable, "-m", "tuner.cli"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return done.stdout.split()

    def test_keys_values_and_names(self, finished: str, monkeypatch: pytest.MonkeyPatch) -> None:
        from tuner.console import completion

        assert self.complete("tuner run max_", 2) == [
            "max_epochs_per_trial=", "max_parameters=", "max_memory_mb=",
        ]  # fmt: skip
        assert completion.study_names("") == [("a", "completed, digits")]
        values = ("", "asha", "hyperband", "median", "pbt", "none")
        assert completion.study_fields("sched") == [(f"scheduler={value}", "") for value in values]
        assert ("dataset=digits", "") in completion.study_fields("dataset=d")
        assert ("mode=health", "") in completion.study_fields("mode=")
        offered = [key for key, _ in completion.study_fields("health_weights")]
        assert offered == [f"health_weights.{metric}=" for metric in METRICS]
        assert completion.study_fields("health_weights.gradient_health=") == [
            ("health_weights.gradient_health=0.15", "")
        ]
        assert [key for key, _ in completion.study_fields("health_s")] == [
            "health_stop=", "health_stop=true", "health_stop=false",
        ]  # fmt: skip
        monkeypatch.setenv("COMP_WORDS", "tuner\nrun\nactivation\n=\nre")
        monkeypatch.setenv("COMP_CWORD", "4")
        assert completion.study_fields("re") == [("relu", "")]

    def test_it_creates_nothing_and_says_nothing(self, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from tuner.console import completion

        assert completion.study_names("") == []
        assert not results.exists()
        monkeypatch.setenv("TUNER_DATABASE_URL", "nonsense")
        assert completion.study_names("") == []


def test_nothing_slow_is_imported_for_what_only_reads(finished: str) -> None:
    commands = [["--help"], ["run", "x"], ["options"], ["list"], ["show", "a"], ["best", "a"], ["resume", "x"]]
    commands += [["cancel", "a"], ["importance", "a"], ["explain", "a"]]  # few trials: no forest is grown
    code = f"""if True:
        import sys
        from tuner.cli import main
        for command in {commands}:
            main(command)
            slow = [name for name in {SLOW} if name in sys.modules]
            if slow:
                sys.exit(f"{{command}} imports {{slow}}")
        """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_reader_that_goes_early_is_no_error(finished: str) -> None:
    script = f"{sys.executable} -u -m tuner.cli options | true"
    done = subprocess.run(script, shell=True, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("", "")


class TestDelete:
    def test_a_study_goes_with_its_folder(self, tuner: Tuner, store: Store, results: Path) -> None:
        (results / "gone").mkdir(parents=True)
        store.create_study(make_spec("gone"), folder=str(results / "gone"))
        store.append("gone", complete(1))
        deleted = tuner("delete", "gone", "--yes")
        assert (deleted.code, deleted.out) == (0, f"deleted study gone, 1 trial, folder {results / 'gone'}\n")
        assert not (results / "gone").exists()
        assert tuner("show", "gone").code == 2

    def test_a_running_study_stays(self, tuner: Tuner, running: str) -> None:
        refused = tuner("delete", running)
        assert (refused.code, refused.out) == (2, "")
        assert f"`tuner cancel {running}` stops it" in refused.err
        assert tuner("show", running).code == 0
