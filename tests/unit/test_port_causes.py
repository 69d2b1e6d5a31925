"""Every cause of the catalogue, planted in a port and found by its numbers."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from sidebyside import port, tfcore
from sidebyside.port.causes import CATALOGUE, REMEDIES

rng = np.random.default_rng(0)
IMAGES = rng.normal(size=(4, 3, 9, 9)).astype(np.float32)  # (B, C, H, W)
ROWS = rng.normal(size=(6, 8)).astype(np.float32)  # (B, C)
SERIES = rng.normal(size=(4, 5, 3)).astype(np.float32)  # (B, T, C)
Piece = Callable[[Any], Any]


class NetPt(nn.Module):
    """Layers by name, and a function that says how they are called."""

    def __init__(self, call: Callable[[Any, Any], Any], **layers: nn.Module) -> None:
        super().__init__()
        for name, layer in layers.items():
            setattr(self, name, layer)
        self.call = call

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return self.call(self, *inputs)


class NetTf(tf.Module):
    def __init__(self, call: Callable[[Any, Any], Any], **layers: Any) -> None:
        super().__init__()
        for name, layer in layers.items():
            setattr(self, name, layer)
        self.call = call

    def __call__(self, *inputs: tf.Tensor) -> tf.Tensor:
        return self.call(self, *inputs)


def net_ks(shape: tuple[int, ...], call: Callable[[Any], Any], **options: Any) -> Any:
    """Return a functional model of Keras."""
    inputs = keras.Input(shape, **options)
    return keras.Model(inputs, call(inputs))


def trained(model: nn.Module) -> nn.Module:
    """Give a PyTorch model weights and averages that are not those of the start."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            if tensor.is_floating_point():
                tensor.copy_(torch.rand(tensor.shape, generator=generator) - 0.3)
                if tensor.ndim == 1:
                    tensor.abs_().add_(0.1)
    return model.eval()


def planted(
    source: Any, target: Any, inputs: Any, cause: str, said: str = "", **options: Any
) -> port.Comparison:
    """See that the two part, and that exactly this cause is found."""
    training = options.pop("training", False)
    compared = port.compare(
        port.match(source, target, inputs, **options), training=training
    )
    assert not compared.passed, str(compared)
    assert [found.cause for found in compared.causes] == [cause], str(compared)
    assert said in str(compared), str(compared)
    assert REMEDIES[cause] in str(compared)
    return compared


def agree(source: Any, target: Any, inputs: Any, **options: Any) -> None:
    compared = port.compare(port.match(source, target, inputs, **options))
    assert compared.passed, str(compared)


def classifier_pt(size: int = 9) -> nn.Module:
    return trained(
        NetPt(
            lambda m, x: m.head(F.relu(m.conv(x)).flatten(1)),
            conv=nn.Conv2d(3, 4, 3, padding=1),
            head=nn.Linear(4 * size * size, 2),
        )
    )


def classifier_tf() -> tf.Module:
    return NetTf(
        lambda m, x: m.b(tf.reshape(tf.nn.relu(m.a(x)), [len(x), -1])),
        a=tfcore.Conv2D(3, 4, 3),
        b=tfcore.Dense(4 * 81, 2),
    )


def test_layout_before_a_flatten() -> None:
    planted(
        classifier_pt(),
        classifier_tf(),
        IMAGES,
        "layout before a flatten",
        "the flattened (4, 9, 9), channels first",
    )
    agree(classifier_pt(), classifier_tf(), IMAGES, flattened={"b": (4, 9, 9)})


def test_layout_before_a_flatten_on_the_way_to_pytorch() -> None:
    target, cause = classifier_pt(), "layout before a flatten"
    X = np.ascontiguousarray(np.moveaxis(IMAGES, 1, -1))
    planted(classifier_tf(), target, X, cause, "the target the flattened (4, 9, 9), ch")
    agree(classifier_tf(), target, X, flattened={"head": (4, 9, 9)})


@pytest.mark.parametrize("way", [1, -1])
def test_on_the_way_to_pytorch_or_from_it(way: int) -> None:
    conv, norm = nn.Conv2d(3, 4, 3, 2, padding=1), nn.GroupNorm(2, 4)
    source = trained(NetPt(lambda m, x: m.norm(m.conv(x)), conv=conv, norm=norm))
    inputs = [IMAGES[..., :8, :8], np.moveaxis(IMAGES[..., :8, :8], 1, -1)][::way]
    for padding, cause in (
        ("same", "padding"),
        ("valid", "epsilon or mode of a normalization"),
    ):
        made = [keras.Input((8, 8, 3))]
        made += [keras.layers.ZeroPadding2D(1)] * (padding == "valid")
        made += [keras.layers.Conv2D(4, 3, 2, padding=padding)]
        target = keras.Sequential([*made, keras.layers.GroupNormalization(2)])
        planted(*[source, target][::way], inputs[0], cause)


def test_order_of_a_concatenation() -> None:
    convs = {"a": nn.Conv2d(3, 4, 1), "b": nn.Conv2d(4, 4, 1), "c": nn.Conv2d(8, 2, 1)}

    def call(m: Any, x: torch.Tensor) -> torch.Tensor:
        a = F.relu(m.a(x))
        return m.c(torch.cat([a, m.b(a)], 1))

    source = trained(NetPt(call, **convs))
    a, b, c = (keras.layers.Conv2D(n, 1, activation=f) for n, f in _OF_THREE)
    for order in (1, -1):
        target = net_ks(
            (9, 9, 3),
            lambda x, o=order: c(keras.ops.concatenate([a(x), b(a(x))][::o], -1)),
        )
        if order == 1:
            agree(source, target, IMAGES)
            continue
        cause = "order of a concatenation"
        planted(
            source, target, IMAGES, cause, "the target a concatenation with the later"
        )


_OF_THREE = ((4, "relu"), (4, None), (2, None))


def convolution_pt() -> nn.Module:
    return trained(NetPt(lambda m, x: m.conv(x), conv=nn.Conv2d(3, 4, 3, 2, padding=1)))


def test_padding_on_which_side() -> None:
    images = IMAGES[:, :, :8, :8]
    target = NetTf(lambda m, x: m.c(x), c=tfcore.Conv2D(3, 4, 3, strides=2))
    planted(convolution_pt(), target, images, "padding", "what is odd goes behind")
    inside = keras.layers.Conv2D(4, 3, 2, padding="same", activation="relu")
    planted(convolution_pt(), net_ks((8, 8, 3), inside), images, "padding", "then ReLU")
    planted(
        convolution_pt(),
        net_ks((8, 8, 3), keras.layers.Conv2D(4, 3, 2, padding="same")),
        images,
        "padding",
        "padding of 1 on both sides (PyTorch's)",
    )
    agree(convolution_pt(), target, IMAGES)  # of an odd size the two are one


def test_causal_padding() -> None:
    conv = nn.Conv1d(3, 4, 3, dilation=2)
    source = trained(NetPt(lambda m, x: m.conv(F.pad(x, (4, 0))), conv=conv))
    inputs = np.ascontiguousarray(SERIES.transpose(0, 2, 1))
    for padding in ("same", "causal"):
        layer = keras.layers.Conv1D(4, 3, dilation_rate=2, padding=padding)
        target = keras.Sequential([keras.Input((5, 3)), layer])
        if padding == "causal":
            agree(source, target, inputs, target_inputs=SERIES)
            continue
        said = "the source computes a convolution with causal padding"
        planted(source, target, inputs, "padding", said, target_inputs=SERIES)


def test_mode_of_a_batch_norm_behind_an_activation() -> None:
    layers = {"one": nn.Linear(8, 8), "norm": nn.BatchNorm1d(8, eps=1e-3)}
    source = trained(NetPt(lambda m, x: m.norm(F.relu(m.one(x))), **layers)).train()
    one, norm = (
        keras.layers.Dense(8, activation="relu"),
        keras.layers.BatchNormalization(),
    )
    cause = "epsilon or mode of a normalization"
    planted(
        source, net_ks((8,), lambda x: norm(one(x))), ROWS, cause, "in training mode"
    )


def test_padding_before_a_layer() -> None:
    source = NetPt(
        lambda m, x: m.conv(F.pad(x, (1, 1, 1, 1))), conv=nn.Conv2d(3, 4, 3, 2)
    )
    target = NetTf(
        lambda m, x: m.conv(tf.pad(x, [[0, 0], [0, 2], [0, 2], [0, 0]])),
        conv=tfcore.Conv2D(3, 4, 3, strides=2, padding="VALID"),
    )
    planted(
        trained(source),
        target,
        IMAGES,
        "padding before a layer",
        "1 before and 1 behind, the target 0 before and 2 behind",
    )


@pytest.mark.parametrize(
    ("pool_pt", "pool_ks", "said"),
    [
        (
            lambda x: F.avg_pool2d(x, 3, 2, padding=1),
            keras.layers.AveragePooling2D(3, 2, padding="same"),
            "padding left out",
        ),
        (
            lambda x: F.max_pool2d(x, 3, 2, padding=1),
            keras.layers.MaxPooling2D(3, 2, padding="same"),
            "SAME padding",
        ),
    ],
)
def test_pooling(pool_pt: Piece, pool_ks: Piece, said: str) -> None:
    images = IMAGES[:, :, :8, :8]
    layers = {"conv": nn.Conv2d(3, 4, 1), "head": nn.Conv2d(4, 2, 1)}
    source = trained(NetPt(lambda m, x: m.head(pool_pt(m.conv(x))), **layers))
    a, b = keras.layers.Conv2D(4, 1), keras.layers.Conv2D(2, 1)
    target = net_ks((8, 8, 3), lambda x: b(pool_ks(a(x))))
    planted(source, target, images, "pooling", said)


@pytest.mark.parametrize(
    ("resize_pt", "resize_tf", "said"),
    [
        (
            lambda x: F.interpolate(x, (18, 18), mode="bilinear", align_corners=True),
            lambda x: tf.image.resize(x, (18, 18)),
            "corners aligned (align_corners=True)",
        ),
        (
            lambda x: F.interpolate(x, (18, 18), mode="bilinear", align_corners=False),
            lambda x: tf.compat.v1.image.resize_bilinear(x, (18, 18)),
            "as TensorFlow 1",
        ),
        (
            lambda x: F.interpolate(x, (18, 18), mode="nearest"),
            lambda x: tf.image.resize(x, (18, 18)),
            "the nearest number",
        ),
    ],
)
def test_interpolation(resize_pt: Piece, resize_tf: Piece, said: str) -> None:
    layers = {"conv": nn.Conv2d(3, 4, 1), "head": nn.Conv2d(4, 2, 1)}
    source = trained(NetPt(lambda m, x: m.head(resize_pt(m.conv(x))), **layers))
    target = NetTf(
        lambda m, x: m.b(resize_tf(m.a(x))),
        a=tfcore.Conv2D(3, 4, 1),
        b=tfcore.Conv2D(4, 2, 1),
    )
    planted(source, target, IMAGES, "interpolation", said)


@pytest.mark.parametrize(
    ("pt", "theirs", "said"),
    [
        (F.gelu, keras.ops.gelu, "GELU by erf, the target GELU by tanh"),
        (F.leaky_relu, keras.layers.LeakyReLU(), "0.3 (Keras' default)"),
        (F.leaky_relu, keras.ops.leaky_relu, "0.2 (TensorFlow's default)"),
        (F.relu, keras.ops.relu6, "the target ReLU6"),
        (F.silu, keras.ops.gelu, "the source computes SiLU (swish)"),
        (lambda x: x.softmax(1), lambda x: x, "the target nothing"),
        (
            lambda x: x.softmax(0),
            lambda x: keras.ops.softmax(x, axis=-1),
            "softmax over the batch",
        ),
        (F.elu, keras.ops.selu, "the source computes ELU"),
    ],
)
def test_activation(pt: Piece, theirs: Piece, said: str) -> None:
    layers = {"one": nn.Linear(8, 8), "two": nn.Linear(8, 3)}
    source = trained(NetPt(lambda m, x: m.two(4 * pt(m.one(x)) / 4), **layers))
    with torch.no_grad():
        source.one.weight.mul_(1.5)
    a, b = keras.layers.Dense(8), keras.layers.Dense(3)
    target = net_ks((8,), lambda x: b(theirs(a(x))))
    planted(source, target, 3 * ROWS, "activation", said)


def test_activation_of_the_result() -> None:
    source = trained(NetPt(lambda m, x: m.one(x), one=nn.Linear(8, 3)))
    a = keras.layers.Dense(3)
    target = net_ks((8,), lambda x: keras.ops.softmax(a(x)))
    planted(source, target, ROWS, "activation", "the target softmax over the last axis")


def test_an_activation_inside_a_layer_is_no_difference() -> None:
    layers = {"one": nn.Linear(8, 8), "two": nn.Linear(8, 3)}
    source = trained(NetPt(lambda m, x: m.two(F.relu(m.one(x))), **layers))
    a, b = keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3)
    compared = port.compare(port.match(source, net_ks((8,), lambda x: b(a(x))), ROWS))
    assert compared.passed, str(compared)
    assert "ReLU is inside the target's layer" in str(compared)


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (lambda x: x, lambda x: x / 255, "over 255"),
        (lambda x: x / 127.5 - 1, lambda x: (x - 127) / 128, "less 127, over 128"),
        (lambda x: x, lambda x: x[..., ::-1], "RGB and BGR"),
    ],
)
def test_scale_of_the_inputs(ours: Piece, theirs: Piece, said: str) -> None:
    pixels = rng.integers(0, 256, (2, 3, 8, 8)).astype(np.float32)
    source = trained(NetPt(lambda m, x: m.conv(ours(x)), conv=nn.Conv2d(3, 4, 3)))
    conv = tfcore.Conv2D(3, 4, 3, padding="VALID")
    target = NetTf(lambda m, x: m.conv(theirs(x)), conv=conv)
    planted(source, target, pixels, "scale of the inputs", said)


def test_integer_division() -> None:
    source = NetPt(lambda m, x: m.one(torch.div(x, 3, rounding_mode="floor")))
    source.one = nn.Linear(8, 3)
    target = NetTf(lambda m, x: m.one(x / 3), one=tfcore.Dense(8, 3))
    planted(
        trained(source), target, 9 * ROWS, "integer division", "x // 3, without the rem"
    )


@pytest.mark.parametrize(
    ("pt", "ks", "inputs", "said"),
    [
        (
            nn.LayerNorm(8),
            keras.layers.LayerNormalization(),
            ROWS,
            "a layer norm with epsilon 1e-05, the target a layer norm with eps",
        ),
        (
            nn.BatchNorm1d(8),
            keras.layers.BatchNormalization(),
            ROWS,
            "the target a batch norm in evaluation mode with epsilon 0.001",
        ),
    ],
)
def test_epsilon(pt: nn.Module, ks: Any, inputs: Any, said: str) -> None:
    source = trained(NetPt(lambda m, x: m.norm(x), norm=pt))
    cause = "epsilon or mode of a normalization"
    planted(source, net_ks((8,), ks), inputs, cause, said)


def test_mode_of_a_batch_norm() -> None:
    norm = nn.BatchNorm1d(8, eps=1e-3)
    source = trained(NetPt(lambda m, x: m.norm(x), norm=norm))
    target = NetTf(lambda m, x: m.norm(x, True), norm=tfcore.BatchNorm(8, epsilon=1e-3))
    cause = "epsilon or mode of a normalization"
    planted(source, target, ROWS, cause, "the target a batch norm in training mode")
    layer = keras.layers.BatchNormalization()
    planted(
        source.train(), net_ks((8,), layer), ROWS, cause, "computes a batch norm in tr"
    )


def test_meaning_of_momentum() -> None:
    norm = nn.BatchNorm1d(8, eps=1e-3, momentum=0.1)
    source = trained(NetPt(lambda m, x: m.norm(x), norm=norm))
    layer = keras.layers.BatchNormalization(momentum=0.1)
    target = net_ks((8,), layer)
    agree(source, target, ROWS)  # in evaluation
    planted(
        source,
        target,
        ROWS,
        "meaning of momentum",
        "that keep 0.9 of the old ones and the unbiased variance, the target averages",
        training=True,
    )


class OwnLSTM(tf.Module):
    """An LSTM as somebody writes it, with the gates in an order of its own."""

    def __init__(self, order: str) -> None:
        super().__init__()
        self.order = order
        self.kernel = tf.Variable(tf.zeros((3, 16)))
        self.recurrent_kernel = tf.Variable(tf.zeros((4, 16)))
        self.bias = tf.Variable(tf.zeros(16))

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        h = c = tf.zeros((len(x), 4))
        outputs = []
        for t in range(x.shape[1]):
            z = x[:, t] @ self.kernel + h @ self.recurrent_kernel + self.bias
            gate = dict(zip(self.order, tf.split(z, 4, 1), strict=True))
            c = tf.sigmoid(gate["f"]) * c + tf.sigmoid(gate["i"]) * tf.tanh(gate["g"])
            h = tf.sigmoid(gate["o"]) * tf.tanh(c)
            outputs.append(h)
        return tf.stack(outputs, 1)


def test_order_of_gates() -> None:
    lstm = nn.LSTM(3, 4, batch_first=True)
    source = trained(NetPt(lambda m, x: m.lstm(x)[0], lstm=lstm))
    agree(source, NetTf(lambda m, x: m.own(x), own=OwnLSTM("ifgo")), SERIES)
    planted(
        source,
        NetTf(lambda m, x: m.own(x), own=OwnLSTM("fiog")),
        SERIES,
        "order of gates",
        "the target gates in the order f, i, o, c",
    )


class AttendKs(keras.Model):
    """Attention of Keras, whose mask says where to attend."""

    def __init__(self, invert: bool = False) -> None:
        super().__init__()
        self.attend = keras.layers.MultiHeadAttention(2, 4, name="attend")
        self.invert = invert
        self(list(map(keras.ops.convert_to_tensor, ATTENDED)))

    def call(self, inputs: Any) -> Any:
        x, mask = inputs
        mask = keras.ops.logical_not(mask) if self.invert else mask
        return self.attend(x, x, x, attention_mask=mask[:, None])


LEFT_OUT = np.arange(5)[None] >= np.array([2, 3, 4, 5])[:, None]  # (B, T)
ATTENDED = (np.tile(SERIES, (1, 1, 3))[..., :8], LEFT_OUT)


def test_meaning_of_a_mask() -> None:
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    source = trained(
        NetPt(
            lambda m, x, mask: m.mha(x, x, x, key_padding_mask=mask)[0], mha=attention
        )
    )
    planted(source, AttendKs(), ATTENDED, "meaning of a mask", "in one of them True")
    agree(source, AttendKs(invert=True), ATTENDED)


def test_layers_paired_the_wrong_way_round() -> None:
    layers = {"a": nn.Linear(8, 8), "b": nn.Linear(8, 8)}
    source = trained(NetPt(lambda m, x: m.a(x) - 2 * m.b(x), **layers))
    dense = {"x": tfcore.Dense(8, 8), "y": tfcore.Dense(8, 8)}
    target = NetTf(lambda m, x: m.x(x) - 2 * m.y(x), **dense)
    agree(source, target, ROWS)
    cause = "layers paired the wrong way round"
    wrong = {"a": "y", "b": "x"}
    planted(source, target, ROWS, cause, "with a = x, b = y they agree", pairs=wrong)
    swapped = NetTf(lambda m, x: -2 * m.x(x) + m.y(x), **dense)
    matched = port.match(source, swapped, ROWS)
    assert len(matched.ambiguous) == 2  # one input, one shape, names that say nothing
    planted(source, swapped, ROWS, cause, "with a = y, b = x they agree")
    agree(source, swapped, ROWS, pairs=wrong)


def test_training_mode_of_dropout() -> None:
    layers = {"one": nn.Linear(8, 64), "two": nn.Linear(64, 3)}
    source = trained(
        NetPt(lambda m, x: m.two(F.dropout(m.one(x), 0.5, m.training)), **layers)
    )
    dense = {"one": tfcore.Dense(8, 64), "two": tfcore.Dense(64, 3)}
    target = NetTf(lambda m, x: m.two(m.one(x)), **dense)
    agree(source, target, ROWS)
    torch.manual_seed(0)
    planted(source.train(), target, ROWS, "training mode", "2 times as large")


def test_a_constant() -> None:
    layers = {"one": nn.Linear(8, 8), "two": nn.Linear(8, 3)}
    source = trained(NetPt(lambda m, x: m.two(m.one(x) + 0.5), **layers))
    dense = {"one": tfcore.Dense(8, 8), "two": tfcore.Dense(8, 3)}
    target = NetTf(lambda m, x: m.two(m.one(x)), **dense)
    planted(source, target, ROWS, "a constant", "at most 0.5")


def test_dtype() -> None:
    source = trained(NetPt(lambda m, x: m.one(x), one=nn.Linear(8, 3)))
    target = NetTf(
        lambda m, x: tf.cast(tf.cast(m.one(x), tf.bfloat16), tf.float32),
        one=tfcore.Dense(8, 3),
    )
    planted(source, target, ROWS, "dtype", "the target computes in bfloat16")
    low = net_ks((8,), keras.layers.Dense(3, dtype="mixed_float16"))
    planted(source, low, ROWS, "dtype", "float16")


def test_what_no_cause_explains_is_said() -> None:
    source = trained(NetPt(lambda m, x: m.one(x), one=nn.Linear(8, 3)))
    target = NetTf(lambda m, x: tf.cumsum(m.one(x), 1) ** 3, one=tfcore.Dense(8, 3))
    compared = port.compare(port.match(source, target, ROWS))
    assert not compared.passed
    assert not compared.causes
    assert "No cause of the catalogue" in str(compared)


def test_every_cause_has_a_remedy_and_a_test() -> None:
    assert CATALOGUE.keys() <= REMEDIES.keys()
    with open(__file__, encoding="utf-8") as file:
        text = file.read()
    untested = {cause for cause in REMEDIES if f'"{cause}"' not in text}
    assert not untested
