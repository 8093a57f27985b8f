"""The baseline beside every study: what scikit-learn reaches by itself on the same samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from tuner.data import Data, RawTest
from tuner.data_spec import DataSpec
from tuner.datasets import baseline, load
from tuner.datasets.baseline import fit_baseline
from tuner.datasets.loading import prepared_test
from tuner.events import Baseline


def loaded(dataset: str | Path, **fields: object) -> tuple[Data, RawTest]:
    return load(DataSpec.model_validate({"dataset": str(dataset), **fields}))


def texts_of(folder: Path, good: list[str], bad: list[str], count: int = 200) -> Path:
    """Texts of random words, each with some that only its class has."""
    rng = np.random.default_rng(0)
    neutral = ["the", "film", "was", "and", "it", "story"]
    lines = ["text,label"]
    for i in range(count):
        own = good if i % 2 else bad
        chosen = [*rng.choice(neutral, 5), *rng.choice(own, 2)]
        lines.append(f"{' '.join(chosen)},{'good' if i % 2 else 'bad'}")
    (folder / "texts.csv").write_text("\n".join(lines))
    return folder / "texts.csv"


class TestRareClasses:
    """A class of one sample in twenty, whose images are a little brighter."""

    @pytest.fixture
    def found(self, tmp_path: Path) -> dict[str, Baseline]:
        rng = np.random.default_rng(0)
        y = (np.arange(800) % 20 == 0).astype(int)
        x = (rng.integers(0, 200, (800, 8, 8)) + 12 * y[:, None, None]).astype(np.uint8)
        np.savez(tmp_path / "x.npz", x=x, y=y)
        samples = loaded(tmp_path / "x.npz")
        return {
            "accuracy": fit_baseline(*samples, seed=0),
            "macro F1": fit_baseline(*samples, 0, "val_macro_f1", "auto"),
        }

    def test_by_accuracy_the_majority_is_hard_to_beat(self, found: dict[str, Baseline]) -> None:
        assert found["accuracy"].val_accuracy == found["accuracy"].majority_val_accuracy > 0.94

    def test_the_objective_chooses_and_classes_weigh_as_in_the_networks(self, found: dict[str, Baseline]) -> None:
        one, other = found["accuracy"].val_macro_f1, found["macro F1"].val_macro_f1
        assert one is not None
        assert other is not None
        assert other > one + 0.05
        assert found["macro F1"].val_accuracy < found["accuracy"].val_accuracy


class TestImages:
    def test_on_digits_it_is_what_one_line_of_scikit_learn_gives(self) -> None:
        data, test = loaded("digits")
        found = fit_baseline(data, test, seed=0)
        assert found.name == "logistic regression over 8 x 8 pixels"
        plain = LogisticRegression(max_iter=1_000).fit(data.train.x.reshape(len(data.train), -1) / 16, data.train.y)
        reached = plain.score(test.x.reshape(len(test.y), -1) / 16, test.y)
        assert found.test_accuracy == pytest.approx(reached, abs=0.01)
        assert found.test_accuracy > 0.95
        assert found.val_accuracy > 0.95
        assert found.majority_val_accuracy == pytest.approx(0.1, abs=0.02)
        assert found.training_samples == len(data.train)
        assert len(load_digits().target) > found.training_samples

    def test_of_large_images_squares_of_pixels_are_averaged(self, tmp_path: Path) -> None:
        rng = np.random.default_rng(0)
        y = np.arange(80) % 2
        x = rng.integers(0, 90, (80, 100, 70, 3), np.uint8)
        x[y == 1, :50] += 60  # bright above, in spite of the noise
        np.savez(tmp_path / "x.npz", x=x, y=y)
        found = fit_baseline(*loaded(tmp_path / "x.npz"), seed=0)
        assert found.name == "logistic regression over 25 x 17 pixels"
        assert found.val_accuracy == found.test_accuracy == 1.0

    def test_of_many_samples_some_are_drawn_and_their_number_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(baseline, "MOST_IMAGES", 300)
        first, again = (fit_baseline(*loaded("digits"), seed=3) for _ in range(2))
        assert first.training_samples == 300
        assert (first.val_accuracy, first.test_accuracy) == (again.val_accuracy, again.test_accuracy)


class TestTexts:
    def test_words_as_by_scikit_learn(self, tmp_path: Path) -> None:
        file = texts_of(tmp_path, ["fine", "great"], ["dull", "poor"])
        data, test = loaded(file)
        found = fit_baseline(data, test, seed=0)
        assert found.name == "TF-IDF + logistic regression over words"
        assert found.val_accuracy == found.test_accuracy == 1.0

    def test_stdlib_docs_are_as_good_as_with_scikit_learns_own_vectorizer(self) -> None:
        data, test = loaded("stdlib_docs")
        found = fit_baseline(data, test, seed=0)
        words = [" ".join(map(str, row[row > 0])) for row in data.train.x]
        vectorizer = TfidfVectorizer(token_pattern=r"\S+")
        plain = LogisticRegression(C=10, max_iter=1_000).fit(vectorizer.fit_transform(words), data.train.y)
        prepared = prepared_test(data.input, test)
        reached = plain.score(
            vectorizer.transform([" ".join(map(str, row[row > 0])) for row in prepared.x]), prepared.y
        )
        assert found.test_accuracy == pytest.approx(reached, abs=0.01)

    def test_of_scripts_without_spaces_sequences_of_characters_are_counted(self, tmp_path: Path) -> None:
        """Both classes have the same characters: only their order tells them apart."""
        rng = np.random.default_rng(0)
        pairs = {"good": "好吃", "bad": "吃好"}
        filler = list("天地人山水火木金土日月星")
        rows = ["text\tlabel"]
        for i in range(200):
            label = "good" if i % 2 else "bad"
            noise = list(rng.choice(filler, 12))
            rows.append("".join([*noise[:6], pairs[label], *noise[6:]]) + f"\t{label}")
        (tmp_path / "zh.tsv").write_text("\n".join(rows), encoding="utf-8")
        found = fit_baseline(*loaded(tmp_path / "zh.tsv"), seed=0)
        assert found.name == "TF-IDF + logistic regression over characters"
        assert found.test_accuracy > 0.9

    def test_word_indices(self, tmp_path: Path) -> None:
        rng = np.random.default_rng(0)
        y = np.arange(120) % 2
        x = rng.integers(1, 400, (120, 12))
        x[:, 0] = 500 + y
        x[:, 10:] = 0
        np.savez(tmp_path / "x.npz", x=x, y=y)
        found = fit_baseline(*loaded(tmp_path / "x.npz"), seed=0)
        assert found.test_accuracy > 0.9


def test_without_any_signal_it_is_the_majority_class(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    y = np.array([0] * 90 + [1] * 10)
    np.savez(tmp_path / "x.npz", x=rng.integers(0, 256, (100, 8, 8), np.uint8), y=y)
    found = fit_baseline(*loaded(tmp_path / "x.npz"), seed=0)
    assert found.name == "majority class"
    assert found.val_accuracy == found.majority_val_accuracy == 0.875
