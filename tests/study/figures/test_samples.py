"""Figures of samples show what plain Keras predicts from the saved files, or say in a sentence why they cannot."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.study.figures.studies import NAME, SavedStudy, texts_file
from tuner.datasets import downloadable
from tuner.models import clipped_tokens
from tuner.plots.samples import Images
from tuner.study.figures.samples import UNKNOWN_WORD, NoSamplesError, SampleSource
from tuner.study.predictions_file import save_predictions

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def of_images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SavedStudy]:
    study = SavedStudy(tmp_path_factory.mktemp("images"), sample_percentage=0.2)
    study.export_best()
    yield study
    study.store.close()


@pytest.fixture
def digits(of_images: SavedStudy, tmp_path: Path) -> Iterator[SavedStudy]:
    """A study of images whose best model is saved; that of trial 2 is not. Its files may be changed."""
    with restored(of_images.paths.folder, tmp_path / "kept images"):
        yield of_images


@pytest.fixture(scope="module")
def of_texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SavedStudy]:
    folder = tmp_path_factory.mktemp("texts")
    (folder / "data").mkdir()
    study = SavedStudy(folder / "results", dataset=str(texts_file(folder / "data")))
    study.export_best()
    yield study
    study.store.close()


@pytest.fixture
def films(of_texts: SavedStudy, tmp_path: Path) -> Iterator[SavedStudy]:
    """The same of texts in a file."""
    with (
        restored(of_texts.paths.folder, tmp_path / "kept texts"),
        restored(data_of(of_texts).parent, tmp_path / "kept data"),
    ):
        yield of_texts


@contextmanager
def restored(folder: Path, kept: Path) -> Iterator[None]:
    """Context manager after which the folder is as it was before."""
    shutil.copytree(folder, kept)
    yield
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)


def data_of(study: SavedStudy) -> Path:
    return Path(study.spec.dataset)


def source(study: SavedStudy) -> SampleSource:
    return SampleSource.of(study.store.study(NAME), study.settings)


def no_data() -> None:
    raise AssertionError("the data are not needed")


def answers(network: Any, x: Any) -> Any:
    return np.asarray(network(x, training=False))


def loaded_by_keras(file: Path) -> object:
    import keras

    return keras.saving.load_model(file)


def test_predictions_are_those_of_the_saved_model_on_raw_pixels(digits: SavedStudy) -> None:
    expected = loaded_by_keras(digits.paths.model).predict(digits.data.validation.x, verbose=0)  # type: ignore[attr-defined]
    of_the_file = source(digits).predictions(digits.row(1))
    assert of_the_file.split == "validation"
    assert of_the_file.labels == digits.data.labels
    assert np.array_equal(of_the_file.y, digits.data.validation.y)
    assert np.array_equal(of_the_file.predicted, expected.argmax(axis=1))
    assert of_the_file.probabilities == pytest.approx(expected, abs=1e-3)

    (digits.paths.best_model / "validation_predictions.npz").unlink()
    of_the_model = source(digits).predictions(digits.row(1))
    assert np.array_equal(of_the_model.y, digits.data.validation.y)
    assert of_the_model.probabilities == pytest.approx(expected, abs=1e-5)


def test_predictions_of_texts_are_those_of_the_saved_model_on_raw_strings(films: SavedStudy) -> None:
    (films.paths.best_model / "validation_predictions.npz").unlink()
    found = source(films).predictions(films.row(1))
    tokens = clipped_tokens(films.data.validation.x, films.trial(1))
    assert found.probabilities == pytest.approx(answers(films.network(1), tokens), abs=1e-5)


def test_predictions_of_the_test_have_the_recorded_accuracy_and_need_no_data(digits: SavedStudy) -> None:
    study = digits.store.study(NAME)
    found = SampleSource(study, no_data).test_predictions(digits.row(1))  # type: ignore[arg-type]
    assert found.split == "test"
    assert np.array_equal(found.y, digits.test.y)
    assert found.accuracy == study.test_accuracy
    assert len(found) == len(digits.test.y)


def test_figures_download_nothing(
    digits: SavedStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_network(file: object, **_: object) -> None:
        raise AssertionError(f"{file} was fetched")

    monkeypatch.setattr(downloadable, "fetch", no_network)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "empty"))
    study = digits.store.study(NAME)
    on_cifar = study.model_copy(update={"spec": study.spec.model_copy(update={"dataset": "cifar10"})})
    with pytest.raises(NoSamplesError, match="cifar10 cannot be read on this machine"):
        SampleSource.of(on_cifar, digits.settings).of_different_classes(3)
    assert "it would have to be downloaded" in caplog.text


def test_only_the_best_model_was_tested(digits: SavedStudy) -> None:
    with pytest.raises(NoSamplesError, match="predictions of the test were not kept"):
        source(digits).test_predictions(digits.row(2))
    (digits.paths.best_model / "test_predictions.npz").unlink()
    with pytest.raises(NoSamplesError, match="an older tuner tested this model"):
        source(digits).test_predictions(digits.row(1))


def test_a_model_that_was_not_kept_is_named_with_the_setting_that_keeps_it(digits: SavedStudy) -> None:
    with pytest.raises(NoSamplesError) as error:
        source(digits).predictions(digits.row(2))
    assert str(error.value) == (
        "the model of trial 2 was not kept: plot_generation=all or keep_models=all keeps it in a new study"
    )
    digits.keep(2)
    found = source(digits).predictions(digits.row(2))
    expected = answers(digits.network(2), digits.data.validation.x)
    assert found.probabilities == pytest.approx(expected, abs=1e-5)


def test_a_refitted_model_has_the_validation_predictions_of_the_search(tmp_path: Path) -> None:
    study = SavedStudy(tmp_path / "results", sample_percentage=0.2)
    study.export_best(refit=True)
    found = source(study).predictions(study.row(1))
    assert found.probabilities == pytest.approx(answers(study.network(1), study.data.validation.x), abs=1e-3), (
        "not those of the refitted network, which was trained on these samples"
    )
    tested = source(study).test_predictions(study.row(1))
    refitted = answers(study.network(7), study.test.x)
    assert tested.probabilities == pytest.approx(refitted, abs=1e-3), "but the refitted one was tested"

    (study.paths.best_model / "validation_predictions.npz").unlink()
    with pytest.raises(NoSamplesError, match="trained once more, on the validation samples too"):
        source(study).predictions(study.row(1))
    study.store.close()


def test_without_the_weights_of_the_search_a_refitted_model_has_no_validation_predictions(tmp_path: Path) -> None:
    study = SavedStudy(tmp_path / "results", sample_percentage=0.2)
    study.export_best(refit=True, searched=False)
    assert {file.name for file in study.paths.best_model.iterdir()} == {
        "model.keras", "metadata.json", "test_predictions.npz",
    }  # fmt: skip
    study.store.close()


def test_a_study_without_figures_keeps_the_test_alone(tmp_path: Path) -> None:
    study = SavedStudy(tmp_path / "results", sample_percentage=0.2, plot_generation="none")
    study.export_best()
    study.keep(2)
    files = {file.name for file in study.paths.best_model.iterdir()}
    assert files == {"model.keras", "metadata.json", "test_predictions.npz"}
    assert {file.name for file in study.paths.kept_model(2).iterdir()} == {"model.keras", "metadata.json"}
    study.store.close()


def test_with_figures_of_all_trials_each_kept_model_has_its_predictions(tmp_path: Path) -> None:
    study = SavedStudy(tmp_path / "results", sample_percentage=0.2, plot_generation="all")
    study.keep(2)
    found = SampleSource(study.store.study(NAME), no_data).predictions(study.row(2))  # type: ignore[arg-type]
    assert found.probabilities == pytest.approx(answers(study.network(2), study.data.validation.x), abs=1e-3)
    study.store.close()


def test_images_are_shown_as_their_pixels_in_0_to_1(digits: SavedStudy) -> None:
    shown = source(digits).shown([3, 0])
    assert isinstance(shown, Images)
    assert shown.pixels == pytest.approx(digits.data.validation.x[[3, 0]] / 255)


def test_texts_are_shown_as_the_words_that_the_network_reads(films: SavedStudy) -> None:
    shown = source(films).shown([0, 4])
    assert isinstance(shown, tuple)
    vocabulary = films.data.input.vocabulary  # type: ignore[union-attr]
    for text, row in zip(shown, films.data.validation.x[[0, 4]], strict=True):
        words = [UNKNOWN_WORD if token == 1 else vocabulary[token - 2] for token in row if token]
        assert text == " ".join(map(str, words))
    assert "number" in shown[0]


def test_activations_are_those_of_the_trial_for_these_samples(digits: SavedStudy, films: SavedStudy) -> None:
    maps = source(digits).feature_maps(digits.row(1), [5, 2])
    assert maps is not None
    network = digits.network(1)
    values = network.get_layer("scaling")(digits.data.validation.x[[5, 2]])
    values = np.asarray(network.get_layer("block1_conv")(values))
    order = np.argsort(-values.mean(axis=(0, 1, 2)), kind="stable")[:8]
    assert maps[0].maps == pytest.approx(values[..., order], abs=1e-4)


def test_activity_is_that_of_the_words_shown(films: SavedStudy) -> None:
    activity = source(films).token_activity(films.row(1), [1, 3])
    assert activity is not None
    tokens = clipped_tokens(films.data.validation.x, films.trial(1))[[1, 3]]
    assert [len(words) for words in activity.tokens] == [int((row != 0).sum()) for row in tokens]
    assert activity.tokens[0] == tuple(source(films).shown([1])[0].split())  # type: ignore[index]


def test_samples_for_activations_are_of_different_classes(digits: SavedStudy) -> None:
    samples = source(digits)
    assert samples.classes(samples.of_different_classes(4)) == ["0", "1", "2", "3"]
    assert len(set(samples.of_different_classes(14).tolist())) == 14
    assert samples.has_images


def test_data_that_are_gone_are_said_without_the_folder(films: SavedStudy) -> None:
    data_of(films).unlink()
    with pytest.raises(NoSamplesError) as error:
        source(films).shown([0])
    assert str(error.value) == "the data set films cannot be read on this machine"
    assert len(source(films).predictions(films.row(1))) > 0, "these are in a file"


def test_data_that_have_changed_are_never_shown(films: SavedStudy) -> None:
    texts_file(data_of(films).parent, texts=80)
    with pytest.raises(NoSamplesError) as error:
        source(films).shown([0])
    assert str(error.value).startswith("the data have changed since the study began: class 'no' has ")


def test_a_model_that_cannot_be_loaded_is_said_without_its_path(digits: SavedStudy) -> None:
    import zipfile

    with zipfile.ZipFile(digits.paths.model, "w") as parts:
        parts.writestr("config.json", "{}")
    samples = source(digits)
    with pytest.raises(NoSamplesError) as error:
        samples.feature_maps(digits.row(1), [0])
    assert str(error.value) == "the model of trial 1 cannot be loaded here"


def test_the_data_are_loaded_once_and_only_when_they_are_needed(digits: SavedStudy) -> None:
    calls = []

    def load() -> object:
        calls.append(1)
        return digits.data

    samples = SampleSource(digits.store.study(NAME), load)  # type: ignore[arg-type]
    samples.predictions(digits.row(1))
    assert calls == []
    samples.shown([0])
    samples.feature_maps(digits.row(1), [0])
    assert calls == [1]


def test_a_file_of_other_classes_is_not_used(digits: SavedStudy) -> None:
    file = digits.paths.best_model / "validation_predictions.npz"
    save_predictions(file, np.zeros(3, np.int32), np.eye(3, dtype=np.float32))
    assert len(source(digits).predictions(digits.row(1))) == len(digits.data.validation)
