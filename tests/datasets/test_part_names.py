"""Names of folders that are parts of a data set, and names of classes that only sound like them."""

import pytest

from tuner.datasets.part_names import folded, roles

TRAIN, VALIDATION, TEST, UNLABELLED = "train", "validation", "test", "unlabelled"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["train", "test"], [TRAIN, TEST]),
        (["Training", "Testing"], [TRAIN, TEST]),
        (["TRAIN", "VAL", "TEST"], [TRAIN, VALIDATION, TEST]),
        (["train", "valid", "test"], [TRAIN, VALIDATION, TEST]),
        (["train", "dev", "eval"], [TRAIN, VALIDATION, TEST]),
        (["training_set", "validation-set", "test set"], [TRAIN, VALIDATION, TEST]),
        (["TRAIN_SET", "TEST_SET"], [TRAIN, TEST]),
        (["trainSet", "testSet"], [TRAIN, TEST]),
        (["train_images", "TestImages"], [TRAIN, TEST]),
        (["train_data", "Validation Data"], [TRAIN, VALIDATION]),
        (["images_train", "images_val"], [TRAIN, VALIDATION]),
        (["seg_train", "seg_test", "seg_pred"], [TRAIN, TEST, UNLABELLED]),
        (["asl_alphabet_train", "asl_alphabet_test"], [TRAIN, TEST]),
        (["train", "test1"], [TRAIN, TEST]),
        (["train", "images to predict"], [TRAIN, UNLABELLED]),
        (["train", "unlabeled"], [TRAIN, UNLABELLED]),
        (["train", "test_unlabelled"], [TRAIN, UNLABELLED]),
        (["test_tube", "beaker"], [None, None]),
        (["trainers", "boots"], [None, None]),
        (["blood_test", "urine_test"], [None, None]),
        (["training_shoe", "sandal"], [None, None]),
        (["freight_train", "tram"], [None, None]),
        (["pretrained", "attested", "validated"], [None, None, None]),
        (["invalid", "predator", "device"], [None, None, None]),
        (["train_test", "a"], [None, None]),
        (["cat", "dog", "42"], [None, None, None]),
    ],
)
def test_a_part_is_recognised_by_its_words(names, expected):
    assert roles(names) == expected


def test_words_of_the_folder_above_do_not_count():
    assert roles(["flowers_train", "roses"], parent="Flowers") == [TRAIN, None]
    assert roles(["flowers_train", "roses"]) == [None, None]


def test_a_folded_name_has_no_case_and_separators():
    assert folded("Tulip_Red") == folded("tulip-red") == "tulip red"
    assert folded("___") == "___"
