"""A kernel gets the variables on a list, and no other."""

import pytest

from sidebyside_book.execution.environment import (
    CHOICES,
    HARMLESS,
    PLACES,
    THREAD_VARIABLES,
    chosen,
    deciding,
    kernel_environment,
)

SHELL = {
    "HOME": "/home/me",
    "PATH": "/bin",
    "EDITOR": "ed",
    "KERAS_MAX_EPOCHS": "1",
    "LD_LIBRARY_PATH": "/opt/cuda/lib64",
    "MKL_CBWR": "COMPATIBLE",
    "OMP_NUM_THREADS": "7",
    "PYTHONHASHSEED": "1",
    "PYTHONOPTIMIZE": "1",
    "PYTHONPATH": "/home/me/packages",
    "SIDEBYSIDE_MINE": "1",
    "TF_USE_LEGACY_KERAS": "1",
}


def test_what_may_pass_does_and_the_rest_does_not():
    made = kernel_environment(SHELL)
    passed = {name for name in SHELL if made.get(name) == SHELL[name]}
    assert passed == {"HOME", "PATH", "LD_LIBRARY_PATH", "MKL_CBWR", "SIDEBYSIDE_MINE"}
    assert made["OMP_NUM_THREADS"] == "1"
    assert not made.keys() & {"PYTHONPATH", "PYTHONOPTIMIZE", "EDITOR"}


@pytest.mark.parametrize("name", sorted({*PLACES, *CHOICES} - {*THREAD_VARIABLES}))
def test_what_passes_and_can_change_a_result_counts(name):
    with_it = {**SHELL, name: "any"}
    assert kernel_environment(with_it)[name] == "any"
    assert deciding(with_it) != deciding(SHELL)
    assert (name in chosen(with_it)) == (name in CHOICES)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_harmless_passes_and_does_not_count(name):
    with_it = {**SHELL, name: "any"}
    assert kernel_environment(with_it)[name] == "any"
    assert deciding(with_it) == deciding(SHELL)


def test_no_variable_is_on_two_lists():
    names = (*HARMLESS, *PLACES, *CHOICES)
    assert len(names) == len(set(names))


def test_a_kernels_environment_makes_the_same_kernel():
    """Sphinx and pytest run in one, and start kernels from there."""
    for shell in (SHELL, {**SHELL, "SIDEBYSIDE_THREADS": "4", "KERAS_BACKEND": "jax"}):
        made = kernel_environment(shell)
        assert kernel_environment(made) == made
        assert deciding(made) == deciding(shell)


def test_an_empty_variable_is_none():
    shell = {**SHELL, "KERAS_BACKEND": "", "SIDEBYSIDE_THREADS": ""}
    assert kernel_environment(shell) == kernel_environment(SHELL)


def test_choices_of_another_machine_replace_those_of_this_one():
    elsewhere = {"HOME": "/home/you", "SIDEBYSIDE_YOURS": "1", "XLA_FLAGS": "any"}
    made = kernel_environment(elsewhere, chosen({**SHELL, "SIDEBYSIDE_THREADS": "2"}))
    assert (made["HOME"], made["MKL_CBWR"]) == ("/home/you", "COMPATIBLE")
    assert made["SIDEBYSIDE_MINE"] == "1"
    assert made["OMP_NUM_THREADS"] == made["SIDEBYSIDE_THREADS"] == "2"
    assert not made.keys() & {"SIDEBYSIDE_YOURS", "XLA_FLAGS", "LD_LIBRARY_PATH"}
