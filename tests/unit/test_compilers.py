"""A function tells how it runs, whatever its name says."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from sidebyside import compilers


def ir(*, by_xla: bool):
    def experimental_get_compiler_ir(*inputs):
        if not by_xla:
            raise ValueError("expected a function with jit_compile=True")
        return str

    return SimpleNamespace(experimental_get_compiler_ir=experimental_get_compiler_ir)


class Model:
    def __init__(self, *, run_eagerly: bool, jit_compile: bool) -> None:
        self.run_eagerly, self.jit_compile = run_eagerly, jit_compile

    def step(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (len, "eager"),
        (lambda x: x, "eager"),
        (ir(by_xla=False), "graph"),
        (ir(by_xla=True), "XLA"),
        (Model(run_eagerly=True, jit_compile=True).step, "eager"),
        (Model(run_eagerly=False, jit_compile=False).step, "graph"),
        (Model(run_eagerly=False, jit_compile=True).step, "XLA"),
    ],
)
def test_a_function_tells_how_it_runs(function, expected: str) -> None:
    assert compilers.way(function, 1.0) == expected


def test_a_real_tf_function_tells_how_it_runs() -> None:
    tf = pytest.importorskip("tensorflow")
    x = tf.constant([1.0, 2.0])
    found = [
        compilers.way(tf.function(lambda x: x + 1, jit_compile=by_xla), x)
        for by_xla in (False, True)
    ]
    assert found == ["graph", "XLA"]


def test_a_kernel_is_found_by_the_operations_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "ab"
    folder.mkdir()
    (folder / "x.py").write_text("cpp_fused_mul_relu_sigmoid_0 = async_compile.cpp()")
    assert compilers.fused(tmp_path, "sigmoid")
    assert not compilers.fused(tmp_path, "silu")
