"""The hyperparameters that are searched where a study says nothing else: of networks by kind, and of their training.

Ranges are those that practitioners search; `limits` and `allowed` are the widest that a study may ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from tuner.data import FIRST_WORD, ImageInput, TextInput
from tuner.events import Scalar
from tuner.search.parameter import Condition, Parameter
from tuner.spec import StudySpec
from tuner.trial_spec import TEXT_ARCHITECTURES, SearchedArchitecture, architecture_of

ACTIVATIONS = ("relu", "leaky_relu", "swish")
MOST_BLOCKS = 8
LARGEST_BATCH, SMALLEST_BATCH = 256, 32
_PIXELS_OF_LARGEST_BATCH = LARGEST_BATCH * 64 * 64

EARLIER: Mapping[str, Scalar] = {
    "architecture": "lstm",
    "block": "plain",
    "block_layers": 1,
    "augmentation": False,
    "learning_rate_schedule": "constant",
    "label_smoothing": 0.0,
    "weight_decay": 1e-6,
}
"""With what trials of earlier versions trained, which do not name these parameters (with sgd: without weight decay)."""

_size = partial(Parameter, integer=True, log=True)
"""Makes a parameter that is a whole number, searched on a logarithmic scale."""
_yes_or_no = partial(Parameter, choices=(True, False))


def network_parameters(architecture: SearchedArchitecture, data_input: ImageInput | TextInput) -> list[Parameter]:
    """The parameters of networks of this kind, without those of their training; of own networks only the input's.

    `auto` is every kind that suits the data: of texts the kind is then a parameter too.
    """
    text = isinstance(data_input, TextInput)
    kinds = (architecture,) if architecture != "auto" else TEXT_ARCHITECTURES if text else ("cnn",)

    def of(*names: str, also: Condition = lambda _: True) -> Condition:
        return lambda hp: architecture_of(kinds[0], hp) in names and also(hp)

    parameters = []
    if len(kinds) > 1:
        parameters.append(Parameter("architecture", "kind of network", choices=kinds))
    if isinstance(data_input, TextInput):
        parameters += _text(data_input, of, kinds)
    parameters += _recurrent("lstm", "LSTM", of) if "lstm" in kinds else []
    parameters += _recurrent("gru", "GRU", of) if "gru" in kinds else []
    if {"lstm", "gru"} & set(kinds):
        parameters.append(_yes_or_no("bidirectional", "read forwards and backwards", when=of("lstm", "gru")))
    if {"cnn", "conv1d"} & set(kinds):
        parameters += _convolutions(of("cnn", "conv1d"), data_input)
    return parameters if kinds == ("own",) else parameters + _DENSE


def _more_blocks(than: int, when: Condition) -> Condition:
    return lambda hp: when(hp) and int(hp["conv_layers"]) > than


def _convolutions(when: Condition, data_input: ImageInput | TextInput) -> list[Parameter]:
    parameters = [
        Parameter("conv_layers", "convolution blocks", 1, 4, integer=True, limits=(1, MOST_BLOCKS), when=when)
    ]
    if isinstance(data_input, ImageInput):
        # Two at the size of a large image need too much memory in most networks.
        most = 2 if data_input.height * data_input.width <= 64 * 64 else 1
        plain = partial(Parameter, "block_layers", "convolutions of a plain block", integer=True)
        parameters += [
            Parameter(
                "block",
                "plain: convolutions one after the other; residual: two, with a shortcut around them",
                choices=("plain", "residual"),
            ),
            plain(1, most, limits=(1, 4), when=lambda hp: hp["block"] == "plain"),
        ]
    filters = partial(_size, low=16, high=256, limits=(1, 4096))
    return [
        *parameters,
        *(
            filters(
                f"filters_{block}",
                "filters of the convolution block with this number",
                when=_more_blocks(block - 1, when),
            )
            for block in range(1, MOST_BLOCKS + 1)
        ),
        Parameter(
            "kernel_size",
            "side of a filter, in pixels or words",
            choices=(3, 5),
            allowed=(1, 2, 3, 5, 7, 9),
            when=when,
        ),
        _yes_or_no("batch_normalization", "normalise after each convolution", when=when),
        _yes_or_no(
            "use_global_pooling",
            "one number per filter instead of one per position: the mean over an image, the maximum over a text",
            when=when,
        ),
    ]


def _recurrent(name: str, shown: str, of: Callable[..., Condition]) -> list[Parameter]:
    layers = Parameter(f"{name}_layers", f"{shown} layers", 1, 2, integer=True, limits=(1, 8), when=of(name))
    return [
        layers,
        _size(f"{name}_units", f"units of each {shown} layer", 32, 256, limits=(1, 4096), when=of(name)),
    ]


_DENSE = [
    Parameter("dense_layers", "hidden dense layers", 0, 4, integer=True, limits=(0, 16)),
    _size(
        "first_dense_nodes",
        "units of the first dense layer; each further one has half",
        64,
        1024,
        limits=(1, 16_384),
        when=lambda hp: int(hp["dense_layers"]) > 0,
    ),
    Parameter(
        "activation",
        "of all hidden layers",
        choices=ACTIVATIONS,
        allowed=(*ACTIVATIONS, "elu", "gelu", "tanh", "sigmoid"),
    ),
    Parameter(
        "initializer",
        "rule for the random first weights of convolution and dense layers",
        choices=("he_normal", "glorot_uniform"),
        allowed=("he_normal", "he_uniform", "glorot_normal", "glorot_uniform", "lecun_normal"),
    ),
    Parameter("dropout", "share of units left out before each dense layer", 0.0, 0.5, limits=(0.0, 0.95)),
]


def _text(
    data_input: TextInput, of: Callable[..., Condition], kinds: Sequence[SearchedArchitecture]
) -> list[Parameter]:
    words = len(data_input.vocabulary) + FIRST_WORD
    longest = data_input.max_length
    vocabulary = "number of different words that are known: the most frequent ones"
    length = "words of a text that are read, from its beginning"
    parameters = [
        _size("vocabulary_size", vocabulary, min(5_000, words), min(20_000, words), limits=(FIRST_WORD + 1, words))
    ]
    sequence = partial(_size, "sequence_length", length, limits=(1, longest))
    embedding = partial(_size, "embedding_size", "numbers that stand for a word", limits=(1, 4096))
    others = [kind for kind in kinds if kind != "ngram"]
    if others:
        parameters.append(sequence(min(32, longest), min(256, longest), when=of(*others)))
        parameters += [embedding(32, 512, when=of(*others))] if others != ["own"] else []
    if "ngram" not in kinds:
        return parameters
    key = "{}_ngram" if others else "{}"
    return [
        *parameters,
        # The order of words hardly counts here, so that more of a text is better and costs little.
        sequence(min(128, longest), longest, when=of("ngram"), key=key.format("sequence_length")),
        embedding(8, 128, when=of("ngram"), key=key.format("embedding_size")),
        Parameter(
            "ngrams",
            "longest sequence of words that counts as one",
            1,
            3,
            integer=True,
            limits=(1, 5),
            when=of("ngram"),
        ),
        _size(
            "ngram_buckets",
            "size of the table of word sequences, which share its rows by their hashes",
            2**13,
            2**16,
            limits=(1, 2**16),
            when=of("ngram", also=lambda hp: int(hp["ngrams"]) > 1),
        ),
        _yes_or_no("tfidf", "weigh words by how rare they are in the training texts", when=of("ngram")),
        _yes_or_no("count_repeats", "count a word as often as a text has it, instead of once", when=of("ngram")),
        _yes_or_no("naive_bayes", "begin at what each word says of the classes (naive Bayes)", when=of("ngram")),
    ]


def _largest_batch(data_input: ImageInput | TextInput | None) -> int:
    """The most samples per step: of images above 64 x 64 pixels fewer, or most networks would need too much memory."""
    if not isinstance(data_input, ImageInput):
        return LARGEST_BATCH
    fitting = _PIXELS_OF_LARGEST_BATCH // (data_input.height * data_input.width)
    return min(max(fitting, SMALLEST_BATCH), LARGEST_BATCH)


def training_parameters(spec: StudySpec, data_input: ImageInput | TextInput | None) -> list[Parameter]:
    """The parameters of the training: of any network, and for images the random changes of the training images."""

    def uses(*optimizers: str) -> Condition:
        return lambda hp: hp["optimizer"] in optimizers

    real = partial(Parameter, log=True)
    rate = partial(real, "learning_rate", "step size of the optimizer", limits=(1e-7, 10.0))
    decay = partial(real, "weight_decay", "strength that pulls weights towards 0", limits=(0.0, 1.0))
    most = spec.max_epochs_per_trial
    limits = (spec.min_epochs_per_trial, most)
    return [
        *(_AUGMENTATION if isinstance(data_input, ImageInput) else []),
        Parameter("optimizer", "rule that turns gradients into steps", choices=("adam", "adamw", "rmsprop", "sgd")),
        rate(1e-4, 1e-2, when=uses("adam", "adamw")),
        rate(1e-4, 5e-3, when=uses("rmsprop"), key="learning_rate_rmsprop"),
        rate(1e-3, 3e-1, when=uses("sgd"), key="learning_rate_sgd"),
        Parameter(
            "momentum",
            "share of the previous step that is added to the next one",
            0.5,
            0.99,
            limits=(0.0, 0.999),
            when=uses("sgd"),
        ),
        decay(1e-5, 1e-1, when=uses("adamw")),
        decay(1e-6, 1e-2, when=uses("sgd"), key="weight_decay_sgd"),
        Parameter(
            "learning_rate_schedule",
            "constant; cosine: rises in the first 5 % of all steps, then falls to 0; plateau: falls to a half after 2 "
            "epochs without a better objective",
            choices=("constant", "cosine", "plateau"),
        ),
        Parameter("label_smoothing", "share of the target spread over all classes", 0.0, 0.2, limits=(0.0, 0.3)),
        _size("batch_size", "samples per step", SMALLEST_BATCH, _largest_batch(data_input), limits=(1, 65_536)),
        Parameter("epochs", "passes over the training data, at most", most, most, integer=True, limits=limits),
    ]


def _augmentation() -> Iterable[Parameter]:
    def changed(name: str, meaning: str, high: int, most: int) -> Parameter:
        return Parameter(f"augment_{name}", meaning, 0, high, integer=True, limits=(0, most), when=_augmented)

    yield _yes_or_no("augmentation", "change each training image at random in every epoch, as augment_* say")
    yield changed("shift", "largest shift, in percent of the side", 20, 50)
    yield changed("rotation", "largest angle of a rotation, in degrees", 20, 180)
    yield changed("zoom", "largest change of the size, in percent", 20, 90)
    yield Parameter("augment_flip", "mirror half of the images", choices=(False, True), when=_augmented)
    yield changed("contrast", "largest change of the contrast, in percent", 40, 100)
    yield changed("cutout", "side of a square that is blanked out, in percent of the image's side", 40, 90)


def _augmented(hp: Mapping[str, Scalar]) -> bool:
    return bool(hp["augmentation"])


_AUGMENTATION = list(_augmentation())
