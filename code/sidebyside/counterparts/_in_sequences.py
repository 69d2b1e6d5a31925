"""Embeddings, recurrent layers, attention, and the rest."""

from sidebyside.counterparts._row import AFFINE, Counterpart, each

_STEP = ("kernel", "recurrent_kernel", "bias")

EMBEDDINGS = (
    Counterpart(
        "embedding",
        ("nn.Embedding",),
        ("tfcore.Embedding",),
        ("layers.Embedding",),
        ("embeddings",),
        "PyTorch's `padding_idx` only keeps the gradient of that row at 0.",
    ),
    Counterpart(
        "bag of embeddings",
        ("nn.EmbeddingBag",),
        ("tfcore.Embedding",),
        ("layers.Embedding",),
        ("embeddings",),
        "Elsewhere an embedding, and the mean, sum or maximum over the axis after it.",
    ),
    Counterpart(
        "reversible embedding",
        ("nn.Embedding",),
        ("tfcore.Embedding",),
        ("layers.ReversibleEmbedding",),
        ("embeddings", "reverse_embeddings"),
        "Elsewhere multiply by the transposed `embeddings`. Untied, a class of your "
        "own that adds a parameter `reverse_embeddings` (D, vocabulary).",
    ),
)
RECURRENT = (
    Counterpart(
        "simple RNN",
        ("nn.RNN", "nn.RNNCell"),
        ("tfcore.SimpleRNN",),
        ("layers.SimpleRNN", "layers.SimpleRNNCell"),
        _STEP,
        "In PyTorch freeze the second bias at zero.",
    ),
    Counterpart(
        "LSTM",
        ("nn.LSTM", "nn.LSTMCell"),
        ("tfcore.LSTM",),
        ("layers.LSTM", "layers.LSTMCell"),
        _STEP,
        "In PyTorch freeze the second bias at zero.",
    ),
    Counterpart(
        "GRU",
        ("nn.GRU", "nn.GRUCell"),
        ("tfcore.GRU",),
        ("layers.GRU", "layers.GRUCell"),
        (*_STEP, "recurrent_bias"),
        "PyTorch has the form `reset_after=True` only.",
    ),
    Counterpart(
        "recurrent, both directions",
        each("nn.", "RNN", "LSTM", "GRU"),
        ("tfcore.Bidirectional",),
        ("layers.Bidirectional",),
        ("forward/kernel", "backward/kernel"),
        "PyTorch: `bidirectional=True`.",
    ),
    Counterpart(
        "recurrent, several layers",
        each("nn.", "RNN", "LSTM", "GRU"),
        (),
        ("layers.RNN", "layers.StackedRNNCells"),
        ("0/kernel", "1/kernel"),
        "PyTorch: `num_layers`. Keras: `RNN(StackedRNNCells(cells))`, or layers named "
        '"0", "1". TensorFlow core: a list of layers.',
    ),
    Counterpart(
        "LSTM with a projection",
        ("nn.LSTM(proj_size=1)",),
        instead="Keras and TensorFlow core have no `proj_size`; use `proj_size=0`, or "
        "in each lane write the cell as a layer of your own",
    ),
)
ATTENTION = (
    Counterpart(
        "multi-head attention",
        ("nn.MultiheadAttention",),
        ("tfcore.MultiHeadAttention",),
        ("layers.MultiHeadAttention",),
        tuple(
            f"{part}/{name}"
            for part in ("query", "key", "value", "attention_output")
            for name in AFFINE
        ),
        "A boolean mask that is True means *leave out* in PyTorch, and *attend* in "
        "Keras and `tfcore`. Keras' `use_gate` adds `gate`, which only it has.",
    ),
    Counterpart(
        "grouped queries",
        (),
        ("tfcore.MultiHeadAttention",),
        ("layers.GroupQueryAttention",),
        ("query/kernel", "key/kernel", "value/kernel", "attention_output/kernel"),
        "In PyTorch, four `nn.Linear` of these names and "
        "`scaled_dot_product_attention(enable_gqa=True)`.",
    ),
    Counterpart(
        "attention with a learned scale",
        (),
        (),
        ("layers.Attention", "layers.AdditiveAttention"),
        ("scale", "concat_score_weight"),
        "Elsewhere a layer of your own with a parameter of that name.",
    ),
    Counterpart(
        "attention with biased keys",
        ("nn.MultiheadAttention(add_bias_kv=True)",),
        instead="Keras and TensorFlow core have no `add_bias_kv`; use "
        "`add_bias_kv=False`",
    ),
    Counterpart(
        "transformer",
        each(
            "nn.Transformer",
            "",
            "Encoder",
            "EncoderLayer",
            "Decoder",
            "DecoderLayer",
        ),
        (),
        (),
        ("self_attn/query/kernel", "linear1/kernel", "norm1/gamma"),
        "Made of the layers above: build it of layers of these names.",
    ),
)
OTHERS = (
    Counterpart(
        "PReLU",
        ("nn.PReLU",),
        ("tfcore.PReLU",),
        ("layers.PReLU",),
        ("alpha",),
        "Keras: `shared_axes` of all axes but the last; without, its slopes have the "
        "shape of an example, and no counterpart.",
    ),
    Counterpart(
        "a layer around a layer",
        (),
        (),
        ("layers.TimeDistributed", "layers.Wrapper"),
        (),
        "Has the name of the outer layer and the weights of the inner one.",
    ),
    Counterpart(
        "spectrogram",
        keras=("layers.STFTSpectrogram",),
        instead="its kernels are sines and cosines, not weights; compute the "
        "spectrogram before the model, in all lanes alike",
    ),
    Counterpart(
        "layer of another framework",
        keras=each(
            "layers.", "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"
        ),
        instead="its weights are those of another framework; read them there, from "
        "the model inside",
    ),
)
