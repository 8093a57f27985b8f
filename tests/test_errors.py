"""Errors: one line that names the culprit and the remedy, the same in every process."""

import pickle

import pytest

from tuner.errors import FixInputError, StudyFailedError, TryAgainError, TunerError, in_one_line, nearest


def kinds(kind=TunerError):
    return [kind] + [below for child in kind.__subclasses__() for below in kinds(child)]


@pytest.mark.parametrize("kind", kinds())
def test_every_error_survives_pickling_with_its_remedy(kind):
    error = pickle.loads(pickle.dumps(kind("trials=0", remedy="ask for at least 1")))
    assert type(error) is kind
    assert (error.message, error.remedy) == ("trials=0", "ask for at least 1")
    assert str(error) == "trials=0 - ask for at least 1"


def test_an_error_without_remedy_is_its_message():
    assert str(TunerError("the disk is full")) == "the disk is full"


@pytest.mark.parametrize("kind", kinds())
def test_only_wrong_input_exits_with_2(kind):
    assert kind.exit_code == (2 if issubclass(kind, FixInputError) else 1)


@pytest.mark.parametrize("kind", [StudyFailedError, TryAgainError])
def test_a_failed_study_and_a_passing_fault_are_no_wrong_input(kind):
    assert not issubclass(kind, FixInputError)


def test_a_misspelt_name_is_answered_with_the_nearest_one():
    assert nearest("learning_rat", ["batch_size", "learning_rate"]) == "did you mean 'learning_rate'?"


def test_a_name_near_to_none_is_answered_with_all_in_order():
    assert nearest("xyz", ["momentum", "dropout"]) == "known are: dropout, momentum"


def test_the_error_of_another_library_becomes_one_line():
    assert in_one_line(ValueError("wrong shape:\n  (3,)\n")) == "ValueError: wrong shape: (3,)"
    assert in_one_line(KeyError()) == "KeyError"


def test_an_error_of_many_kilobytes_is_cut_and_a_traceback_is_its_last_error():
    assert len(in_one_line(ValueError("x" * 14_000))) < 310
    text = 'Traceback (most recent call last):\n  File "a.py"\nimport.failed.ImportError: no module keras\n\n'
    assert in_one_line(RuntimeError(f"The task failed:\n{text}")) == "ImportError: no module keras"


def test_of_tensorflows_errors_what_happened_is_shown_and_not_where():
    text = """Graph execution error:

Detected at node own/hungry/zeros defined at (most recent call last):
  File "main.py", line 3, in <module>

  File "layers.py", line 9, in call

OOM when allocating tensor with shape[1,2]
\t [[{{node own/hungry/zeros}}]]"""
    assert in_one_line(MemoryError(text)) == "MemoryError: OOM when allocating tensor with shape[1,2] [[]]"
