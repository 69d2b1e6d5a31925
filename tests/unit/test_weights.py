"""Weights of models as other people build them: one rule in all lanes, or a sentence.

`test_lane_modules.py` tests the same functions on models as the book builds them.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import trios
from torch import nn
from torch.distributed.algorithms._checkpoint import checkpoint_wrapper
from torch.nn.utils import parametrizations, parametrize, prune

from sidebyside import tfcore

lanes = pytest.mark.parametrize("who", trios.MODULES)


class NetPt(nn.Module):
    """A module that holds what it is given."""

    def __init__(self, **parts: Any) -> None:
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)


class NetTf(tf.Module):
    def __init__(self, **parts: Any) -> None:
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)


class NetKs(keras.Model):
    def __init__(self, **parts: Any) -> None:
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
        self.built = True

    def call(self, x: Any) -> Any:
        return x


NETS = {"pytorch": NetPt, "tensorflow": NetTf, "keras": NetKs}


def layer(who: str, name: str = "layer", dtype: str = "float32") -> Any:
    """Return a dense layer of one input and one output."""
    if who == "pytorch":
        return nn.Linear(1, 1, dtype=getattr(torch, dtype))
    if who == "tensorflow":
        return tfcore.Dense(1, 1, dtype=dtype)
    built = keras.layers.Dense(1, name=name, dtype=dtype)
    built.build((None, 1))
    return built


def bare(who: str, value: np.ndarray) -> Any:
    """Return a model with one parameter, `value`."""
    if who == "pytorch":
        return NetPt(value=nn.Parameter(torch.from_numpy(value)))
    if who == "tensorflow":
        return NetTf(value=tf.Variable(value))
    model = NetKs()
    model.value = model.add_weight(
        shape=value.shape, name="value", dtype=str(value.dtype)
    )
    model.value.assign(value)
    return model


def names(who: str, model: Any) -> list[str]:
    return sorted(trios.MODULES[who].get_weights(model))


def dense(*paths: str) -> list[str]:
    return sorted(f"{path}/{name}" for path in paths for name in ("kernel", "bias"))


def rewritten(who: str, model: Any) -> None:
    """Write other weights, and see that exactly these can be read again."""
    module = trios.MODULES[who]
    weights = {
        name: np.full_like(array, 0.25 * (k + 1))
        for k, (name, array) in enumerate(module.get_weights(model).items())
    }
    module.set_weights(model, weights)
    for name, array in module.get_weights(model).items():
        np.testing.assert_array_equal(array, weights[name], err_msg=name)


@lanes
def test_a_layer_of_two_names_counts_by_the_first(who: str) -> None:
    shared = layer(who, "enc")
    model = NETS[who](enc=shared, dec=shared)
    assert names(who, model) == dense("enc")
    rewritten(who, model)
    weights = trios.MODULES[who].get_weights(model)
    twice = weights | {"dec/kernel": weights["enc/kernel"] + 1}
    with pytest.raises(ValueError, match=r"unknown \['dec/kernel'\]") as caught:
        trios.MODULES[who].set_weights(model, twice)
    if who != "keras":  # which calls the layer "enc" everywhere
        assert "'dec' is another name of 'enc'" in str(caught.value)
    rewritten(who, model)


@lanes
def test_a_layer_inside_two_others_counts_by_the_first(who: str) -> None:
    shared = layer(who, "inner")
    if who == "keras":
        ends = keras.Input((1,))
        a, b = (keras.Model(ends, shared(ends), name=name) for name in "ab")
    else:
        a, b = NETS[who](inner=shared), NETS[who](inner=shared)
    model = NETS[who](a=a, b=b)
    assert names(who, model) == dense("a/inner")
    rewritten(who, model)


class TiedKs(keras.layers.Layer):
    """A layer with the kernel of another one."""

    def __init__(self, kernel: keras.Variable, **options: Any) -> None:
        super().__init__(**options)
        self.kernel = kernel
        self.bias = self.add_weight(shape=(1,), name="bias")

    def call(self, x: Any) -> Any:
        return x @ self.kernel + self.bias


@lanes
def test_a_weight_of_two_names_counts_by_the_first(who: str) -> None:
    enc, dec = layer(who, "enc"), layer(who, "dec")
    if who == "pytorch":
        dec.weight = enc.weight
    elif who == "tensorflow":
        dec.kernel = enc.kernel
    else:
        dec = TiedKs(enc.kernel, name="dec")
    model = NETS[who](enc=enc, dec=dec)
    assert names(who, model) == ["dec/bias", "enc/bias", "enc/kernel"]
    rewritten(who, model)
    module = trios.MODULES[who]
    weights = module.get_weights(model)
    weights["dec/kernel"] = weights["enc/kernel"]
    message = "'dec/kernel' is another name of 'enc/kernel'"
    with pytest.raises(ValueError, match=message):
        module.set_weights(model, weights)


def test_a_module_is_named_before_what_lies_below_it() -> None:
    """So the order of attributes of different kinds, which PyTorch forgets, is out."""
    head_pt, head_tf = nn.Linear(1, 1), tfcore.Dense(1, 1)
    model_pt = NetPt(head=head_pt, scale=head_pt.weight)
    model_tf = NetTf(head=head_tf, scale=head_tf.kernel)
    for who, model in (("pytorch", model_pt), ("tensorflow", model_tf)):
        assert names(who, model) == ["head/bias", "scale"]


def test_an_embedding_that_is_the_last_layer_too_is_one_weight() -> None:
    embed, head = nn.Embedding(5, 2), nn.Linear(2, 5)
    head.weight = embed.weight
    assert names("pytorch", NetPt(embed=embed, head=head)) == [
        "embed/embeddings",
        "head/bias",
    ]


@lanes
def test_a_layer_that_knows_its_parent_ends_nowhere(who: str) -> None:
    child = NETS[who](layer=layer(who))
    model = NETS[who](child=child)
    name = child.name if who == "keras" else "child"
    child.parent = model
    assert names(who, model) == dense(f"{name}/layer")
    rewritten(who, model)


def test_layers_that_know_each_other_are_read_in_no_time() -> None:
    """Paths among 40 layers that all know each other are more than can be walked."""
    layers = [NetTf(layer=tfcore.Dense(1, 1)) for _ in range(40)]
    for each in layers:
        each.others = layers
    assert len(names("tensorflow", NetTf(layers=layers))) == 2 * 40


@lanes
def test_optimizers_losses_and_metrics_are_no_weights(who: str) -> None:
    own, parts = layer(who), {}
    if who == "pytorch":
        parts["loss"] = nn.CrossEntropyLoss(weight=torch.ones(2))
        parts["optimizer"] = torch.optim.Adam(own.parameters())
    elif who == "tensorflow":
        variables = list(own.trainable_variables)
        parts["optimizer"] = tfcore.Adam(variables)
        parts["optimizers"] = [tfcore.SGD(variables, 0.1, momentum=0.9)]
        parts["metric"] = keras.metrics.Mean()
        parts["generator"] = tf.random.Generator.from_seed(0)
        parts["steps"] = tf.Variable(0, trainable=False)
    else:
        parts["metric"] = keras.metrics.Mean()
        parts["kept"] = keras.optimizers.Adam()
        parts["kept"].build(own.trainable_variables)
        parts["generator"] = keras.random.SeedGenerator(0)
    model = NETS[who](layer=own, **parts)
    if who == "keras":
        zeros = {"initializer": "zeros", "dtype": "int32", "trainable": False}
        model.steps = model.add_weight(shape=(), name="steps", **zeros)
    assert names(who, model) == dense("layer")
    assert trios.MODULES[who].count_parameters(model) == 2


WRAPPERS: dict[str, Callable[[nn.Module], nn.Module]] = {
    "compile": lambda module: torch.compile(module, backend="eager"),
    "data parallel": nn.DataParallel,
    "average": torch.optim.swa_utils.AveragedModel,
    "checkpointing": checkpoint_wrapper.checkpoint_wrapper,
}


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_wrapper_is_no_part_of_a_name(wrapper: str) -> None:
    wrap = WRAPPERS[wrapper]
    inside = NetPt(layer=nn.Linear(1, 1), inner=wrap(NetPt(layer=nn.Linear(1, 1))))
    model = nn.DataParallel(wrap(inside))
    assert names("pytorch", model) == dense("layer", "inner/layer")
    rewritten("pytorch", model)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_start_is_noted_through_a_wrapper() -> None:
    inside = NetPt(layer=nn.Linear(1, 1))
    wrapped = nn.DataParallel(torch.compile(inside, backend="eager"))
    for watched, written in ((inside, wrapped), (wrapped, inside)):
        with trios.lane_pt.watch(watched) as seen:
            rewritten("pytorch", written)
        assert len(seen.starts) == 1


class Doubled(nn.Module):
    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return 2 * weight


def doubled(linear: nn.Linear) -> nn.Module:
    return parametrize.register_parametrization(linear, "weight", Doubled())


COMPUTED: dict[str, Callable[[nn.Linear], nn.Module]] = {
    "weight norm": nn.utils.weight_norm,
    "spectral norm": nn.utils.spectral_norm,
    "new weight norm": parametrizations.weight_norm,
    "new spectral norm": parametrizations.spectral_norm,
    "pruning": lambda linear: prune.l1_unstructured(linear, "weight", 1),
    "own": doubled,
}


@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated:FutureWarning")
@pytest.mark.parametrize("kind", COMPUTED)
def test_a_weight_that_is_computed_is_refused(kind: str) -> None:
    model = NetPt(layer=COMPUTED[kind](nn.Linear(2, 2)))
    message = r"a parameter or buffer as 'weight' of \w+ at 'layer', .* remove that"
    with pytest.raises(ValueError, match=message):
        trios.lane_pt.get_weights(model)
    with pytest.raises(ValueError, match=message):
        trios.lane_pt.set_weights(model, {})


def test_a_layer_without_numbers_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"built model.* 'weight' of LazyLinear at 'a'"
    ):
        trios.lane_pt.get_weights(NetPt(a=nn.LazyLinear(2)))
    with pytest.raises(ValueError, match=r"expected numbers .*at 'a', .*'meta'"):
        trios.lane_pt.get_weights(NetPt(a=nn.Linear(1, 1, device="meta")))


class Late(keras.layers.Layer):
    """A layer of one's own whose weights come with the first batch."""

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(shape=(1,), name="scale")

    def call(self, x: Any) -> Any:
        return x * self.scale


def test_keras_refuses_a_layer_of_ones_own_that_is_not_built() -> None:
    late = Late(name="late")
    with pytest.raises(ValueError, match=r"expected a built model.*Late named 'late'"):
        trios.lane_ks.get_weights(NetKs(late=late))
    late.build((1,))
    assert names("keras", NetKs(late=late)) == ["late/scale"]


def test_keras_reads_a_model_of_built_layers_that_was_not_called_yet() -> None:
    class Own(keras.Sequential):
        pass

    model = Own([layer("keras", "a")])
    assert not model.built
    assert names("keras", model) == dense("a")


def test_quantized_layers_are_refused() -> None:
    quantized = layer("keras")
    quantized.quantize("int8")
    message = "'layer/kernel' of a floating dtype, received int8"
    with pytest.raises(ValueError, match=message):
        trios.lane_ks.get_weights(NetKs(layer=quantized))
    with pytest.raises(ValueError, match=r"received Linear at 'layer'"):
        trios.lane_pt.get_weights(NetPt(layer=quantized_pt()))


def quantized_pt() -> nn.Module:
    kind = type("Linear", (nn.Module,), {})
    kind.__module__ = "torch.ao.nn.quantized.dynamic.modules.linear"
    return kind()


def test_tensorflow_refuses_keras_layers_that_it_can_not_see() -> None:
    with pytest.raises(ValueError, match=r"received 'a', a Keras Dense"):
        trios.lane_tf.get_weights(NetTf(a=layer("keras")))


@pytest.mark.parametrize("who", ["pytorch", "tensorflow"])
def test_names_that_come_together_are_refused(who: str) -> None:
    held = {"a/b": layer(who), "a": {"b": layer(who)}}
    if who == "pytorch":
        held["a"] = nn.ModuleDict(held["a"])
        held = nn.ModuleDict(held)
    with pytest.raises(ValueError, match=r"received 'held/a/b/kernel' twice"):
        trios.MODULES[who].get_weights(NETS[who](held=held))


def test_private_and_nested_attributes_count() -> None:
    nested = [[tfcore.Dense(1, 1)], {"key": (tfcore.Dense(1, 1),)}]
    assert names("tensorflow", NetTf(_parts=nested)) == dense(
        "_parts/0/0", "_parts/1/key/0"
    )


@lanes
def test_a_weight_without_axes_travels(who: str) -> None:
    model = bare(who, np.array(1.0, "float32"))
    trios.MODULES[who].set_weights(model, {"value": np.float32(3)})
    assert trios.MODULES[who].get_weights(model)["value"] == np.array(3.0)


@lanes
def test_no_numbers_at_all_travel(who: str) -> None:
    model = bare(who, np.zeros((0, 2), "float32"))
    rewritten(who, model)
    assert trios.MODULES[who].get_weights(model)["value"].shape == (0, 2)


def frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


@lanes
@pytest.mark.parametrize(
    "given",
    [
        np.arange(6.0).reshape(2, 3).astype(">f8"),
        np.arange(6.0).reshape(3, 2).T,
        np.arange(6.0)[::-1].reshape(2, 3),
        np.arange(12.0, dtype="float32").reshape(2, 6)[:, ::2],
        np.arange(6).reshape(2, 3),
        np.arange(6, dtype="uint8").reshape(2, 3),
        frozen(np.ones((2, 3), "float32")),
        np.ones((2, 3), tf.bfloat16.as_numpy_dtype),
    ],
)
def test_numbers_of_any_layout_are_taken(who: str, given: np.ndarray) -> None:
    model, module = bare(who, np.zeros((2, 3), "float32")), trios.MODULES[who]
    module.set_weights(model, {"value": given})
    received = module.get_weights(model)["value"]
    np.testing.assert_array_equal(received, given.astype("float32"), strict=True)


@lanes
def test_numbers_are_rounded_to_the_nearest(who: str) -> None:
    model, module = bare(who, np.zeros(3, "float32")), trios.MODULES[who]
    module.set_weights(model, {"value": np.array([0.1, 2**24 + 1, 1e-60])})
    received = module.get_weights(model)["value"]
    np.testing.assert_array_equal(received, np.float32([0.1, 2**24, 0]), strict=True)
    module.set_weights(model, {"value": np.array([1, 2**24 + 3, -5])})
    received = module.get_weights(model)["value"]
    np.testing.assert_array_equal(received, np.float32([1, 2**24 + 4, -5]))


REFUSED = {
    "overflow": (
        np.array([1.0, 1e6]),
        ValueError,
        "finite .* float16 can hold for 'value'.*inf",
    ),
    "integer": (
        np.array([1, 10**6]),
        ValueError,
        "finite .* float16 can hold for 'value'.*inf",
    ),
    "nan": (np.array([1, np.nan]), ValueError, "finite .* 'value', received .* nan"),
    "inf": (np.array([1, -np.inf]), ValueError, "finite .* 'value', received .* -inf"),
    "bool": (np.array([True, False]), TypeError, "real .* 'value', received .* bool"),
    "text": (np.array(["a", "b"]), TypeError, "real .* 'value', received dtype <U1"),
    "complex": (np.array([1j, 2]), TypeError, "real .* received dtype complex128"),
    "objects": (np.array([None, 2]), TypeError, "real .* received dtype object"),
    "list": ([1.0, 2.0], TypeError, "a NumPy array for 'value', received list"),
    "tensor": (torch.ones(2), TypeError, "a NumPy array for 'value', received Tensor"),
    "shape": (np.ones(3), ValueError, r"shape \(2,\) for 'value', received \(3,\)"),
}


@lanes
@pytest.mark.parametrize("case", REFUSED)
def test_other_numbers_are_refused_and_nothing_is_written(who: str, case: str) -> None:
    given, kind, message = REFUSED[case]
    model, module = bare(who, np.array([3, 4], "float16")), trios.MODULES[who]
    with pytest.raises(kind, match=f"set_weights: expected {message}"):
        module.set_weights(model, {"value": given})
    np.testing.assert_array_equal(module.get_weights(model)["value"], [3, 4])


@lanes
def test_bfloat16_is_read_as_float32_and_its_overflow_refused(who: str) -> None:
    module = trios.MODULES[who]
    model = NETS[who](layer=layer(who, dtype="bfloat16"))
    rewritten(who, model)
    weights = module.get_weights(model)
    assert {array.dtype for array in weights.values()} == {np.dtype("float32")}
    weights["layer/bias"][:] = np.finfo("float32").max
    with pytest.raises(ValueError, match=r"bfloat16 can hold for 'layer/bias'"):
        module.set_weights(model, weights)


@lanes
def test_an_infinity_may_stay_where_it_is(who: str) -> None:
    mask = np.array([[0, -np.inf], [0, 0]], "float32")
    model, module = bare(who, mask), trios.MODULES[who]
    module.set_weights(model, {"value": mask})
    with pytest.raises(ValueError, match="received one that becomes -inf"):
        module.set_weights(model, {"value": mask.T})


def test_complex_weights_travel() -> None:
    value = np.array([1 + 2j, 3], "complex64")
    for who in ("pytorch", "tensorflow"):
        model, module = bare(who, 0 * value), trios.MODULES[who]
        module.set_weights(model, {"value": value})
        received = module.get_weights(model)["value"]
        np.testing.assert_array_equal(received, value, strict=True)


def test_a_model_made_in_inference_mode_can_be_written() -> None:
    with torch.inference_mode():
        model = NetPt(layer=nn.Linear(1, 1))
    rewritten("pytorch", model)


def test_what_was_written_is_taken_back_if_the_rest_can_not_be() -> None:
    one_number = nn.Parameter(torch.zeros(1).expand(3))  # three places, one memory
    model = NetPt(first=nn.Parameter(torch.zeros(2)), last=one_number)
    weights = {"first": np.ones(2), "last": np.arange(3.0)}
    with pytest.raises(RuntimeError, match="single memory location"):
        trios.lane_pt.set_weights(model, weights)
    np.testing.assert_array_equal(model.first.detach(), [0, 0])


@lanes
@pytest.mark.parametrize("model", ["model", None, {"a": np.ones(1)}, NetPt, 3])
def test_what_is_no_model_is_refused(who: str, model: Any) -> None:
    module, kind = trios.MODULES[who], type(model).__name__
    with pytest.raises(TypeError, match=f"get_weights: expected .*, received {kind}"):
        module.get_weights(model)
    with pytest.raises(TypeError, match=f"expected .*, received {kind}"):
        module.set_weights(model, {})


@lanes
def test_a_model_of_another_lane_is_refused(who: str) -> None:
    for other in set(trios.MODULES) - {who}:
        # on PyTorch, a layer of Keras is a module, but not one that can be read
        with pytest.raises((TypeError, ValueError), match=r"get_weights: expected \w+"):
            trios.MODULES[who].get_weights(layer(other))


@lanes
@pytest.mark.parametrize("weights", [None, [np.ones(1)], np.ones(1), "kernel"])
def test_weights_without_names_are_refused(who: str, weights: Any) -> None:
    message = f"expected NumPy arrays by name, received {type(weights).__name__}"
    with pytest.raises(TypeError, match=message):
        trios.MODULES[who].set_weights(layer(who), weights)


@lanes
@pytest.mark.parametrize("value", [-1, 2**32, 1.0, "1", None, True])
def test_seeds_that_some_lane_does_not_take_are_refused_in_all(
    who: str, value: Any
) -> None:
    with pytest.raises((TypeError, ValueError), match=r"seed: .* from 0 to 4294967295"):
        trios.MODULES[who].seed(value)
    for good in (0, 2**32 - 1, np.int64(3)):
        trios.MODULES[who].seed(good)


@pytest.mark.parametrize("who", ["pytorch", "tensorflow"])
def test_to_numpy_refuses_what_is_no_tensor(who: str) -> None:
    with pytest.raises(
        TypeError, match=r"to_numpy: expected .*Tensor.*, received list"
    ):
        trios.MODULES[who].to_numpy([1.0])


def test_targets_follow_the_parameters_to_their_device() -> None:
    """Without an accelerator, the device "meta" is the only other one."""
    model, places = nn.Linear(1, 1, device="meta"), []

    def step(X: torch.Tensor, y: torch.Tensor) -> float:
        places.append(y.device.type)
        return 0.0

    probe = trios.lane_pt.probe(model, nn.functional.mse_loss, step=step)
    probe.step(np.ones((1, 1), "float32"), np.ones((1, 1), "float32"))
    assert places == ["meta"]
