"""Starts a study in the database: checks what can be known without its data, then makes its folder and its row.

Nothing is written unless every check has passed.
"""

from __future__ import annotations

from tuner import datasets
from tuner.data import ImageInput, TextInput
from tuner.errors import CannotWriteError, FixInputError, UnknownStudyError, nearest
from tuner.models import own
from tuner.search.compatibility import check_search
from tuner.search.space import Space, make_space
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import StartRequest, Store
from tuner.study import storage
from tuner.study.loggers import check_loggers
from tuner.study.plan import cloud_of, complete
from tuner.study.warm_start import check_warm_start
from tuner.trial_spec import SearchedArchitecture

_ANY_IMAGE = ImageInput(1, 1, 1, scale=1.0, offset=0.0)
_ANY_TEXT = TextInput("word_indices", (0,) * 1_000_000, max_length=1_000_000)
"""Inputs that stand for data which were not read: they allow every value that some data allow."""


def add(store: Store, spec: StudySpec, settings: Settings, request: StartRequest | None = None) -> str:
    """Put down a new study, which `resume` begins, in this process or another; return its name. Reads no data.

    Args:
        request: The request that starts it, if it may be repeated.

    Raises FixInputError as `check_new`; then nothing was written.
    """
    return create(store, checked(store, spec, settings), settings, request)


def checked(store: Store, spec: StudySpec, settings: Settings) -> StudySpec:
    """Return the complete spec with which `add` would put down a study. Raises FixInputError as `check_new`."""
    spec = complete(spec, settings)
    check_new(store, spec, settings)
    return spec


def check_new(store: Store, spec: StudySpec, settings: Settings) -> None:
    """Check all that can be known of a complete spec of a new study without reading its data.

    Raises FixInputError if the spec is wrong, or a study or a folder has its name.
    """
    check_name_is_free(store, study_name(spec))
    storage.check_free(storage.paths_of(spec, settings.results_dir))
    cloud_of(spec, settings)
    check_loggers(spec.loggers)
    if spec.model is not None and spec.given is None:
        own.check_module_exists(spec.model)
    check_search(spec, _space(spec))
    check_warm_start(store, spec, _architecture(spec))


def check_name_is_free(store: Store, name: str) -> None:
    """Raise FixInputError if there is a study of this name."""
    try:
        store.study(name)
    except UnknownStudyError:
        return
    raise FixInputError(f"study {name!r} already exists", remedy=f"choose another run_name, or `tuner resume {name}`")


def create(store: Store, spec: StudySpec, settings: Settings, request: StartRequest | None = None) -> str:
    """Make the study's folder and its row, or neither; return its name."""
    folder = storage.paths_of(spec, settings.results_dir).folder
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise CannotWriteError(
            f"cannot make the folder {folder}: {error.strerror}", remedy="set TUNER_RESULTS_DIR to another one"
        ) from None
    try:
        store.create_study(spec, folder=str(folder), request=request)
    except BaseException:  # an interrupt too must leave no empty folder; it goes on
        folder.rmdir()
        raise
    return study_name(spec)


def study_name(spec: StudySpec) -> str:
    """Return the name of a complete spec."""
    assert spec.run_name is not None
    return spec.run_name


def _architecture(spec: StudySpec) -> SearchedArchitecture | None:
    """Return the kind of the study's networks; None if only its data can say."""
    if spec.model is not None:
        return "own"
    if spec.architecture not in ("auto", "cnn"):
        return spec.architecture
    kind = datasets.kind_of(spec.dataset)
    if kind is None:
        return None
    if kind == "image":
        return "cnn"
    return "conv1d" if spec.architecture == "cnn" else "auto"


def _space(spec: StudySpec) -> Space | None:
    """Return the search space, as far as it is known without the data; None if even the kind of data is unknown."""
    kind, architecture = datasets.kind_of(spec.dataset), _architecture(spec)
    if spec.model is not None:
        return None
    if kind is None or architecture is None:
        _check_names(spec)
        return None
    return make_space(spec, architecture, _ANY_IMAGE if kind == "image" else _ANY_TEXT, {})


def _check_names(spec: StudySpec) -> None:
    """Raise FixInputError if no network has a hyperparameter of a name in `space`, whatever the data are."""
    spaces = [make_space(StudySpec(), "auto", data_input, {}) for data_input in (_ANY_IMAGE, _ANY_TEXT)]
    known = {parameter.name for space in spaces for parameter in space.parameters}
    for name in spec.space:
        if name not in known:
            raise FixInputError(f"space.{name}: no such parameter here", remedy=nearest(name, known))
