"""Optimizers as `tf.Module`s: state in variables, one `apply` for a step.

Each takes the learning rate as a number, or as a `tf.Variable` that a schedule moves.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from sidebyside import _checks

Gradients = Sequence[tf.Tensor]
Hook = Callable[[tf.Module, tf.Tensor], None]
_hooks: list[Hook] = []


def on_step(hook: Hook) -> Callable[[], None]:
    """Let every optimizer of this module call a function after each step.

    In a `tf.function` it is called by the graph, if it stands here when the function is
    traced. So this costs nothing where nobody asks for it.

    Args:
        hook: Called with the optimizer and the learning rate of the step.

    Returns:
        A function that takes the hook away again.

    Raises:
        TypeError: If it is no function.
    """
    if not callable(hook):
        raise TypeError(f"on_step: expected a function, received {hook!r}")
    _hooks.append(hook)
    return lambda: _hooks.remove(hook)


def taken(optimizer: tf.Module, rate: tf.Tensor) -> None:
    """Tell everybody who asked for it that an optimizer took a step.

    Args:
        optimizer: The optimizer; one of a chapter's own, too.
        rate: The learning rate of the step, a scalar.
    """
    for hook in _hooks:
        tf.py_function(lambda rate, hook=hook: hook(optimizer, rate), [rate], [])


class Optimizer(tf.Module):
    """What the optimizers share: the variables, the rate and the state beside them.

    Args:
        variables: What to optimize, a list or tuple.
        learning_rate: The rate.

    Raises:
        TypeError: If they are no list of variables, or the rate is no number.
        ValueError: If there are none, or the rate is negative or not finite.
    """

    def __init__(
        self, variables: Sequence[tf.Variable], learning_rate: float | tf.Variable
    ) -> None:
        super().__init__()
        who = type(self).__name__
        is_list = isinstance(variables, list | tuple)
        if not is_list or any(not isinstance(v, tf.Variable) for v in variables):
            raise TypeError(
                f"{who}: expected a list of tf.Variables, received "
                f"{[type(v).__name__ for v in variables] if is_list else variables!r}"
            )
        if not variables:
            raise ValueError(f"{who}: expected variables, received none")
        if not isinstance(learning_rate, tf.Variable | tf.Tensor):
            _checks.number(who, "learning_rate", learning_rate)
        self.variables_ = list(variables)
        self.learning_rate = learning_rate

    def _zeros(self) -> list[tf.Variable]:
        return [tf.Variable(tf.zeros_like(v), trainable=False) for v in self.variables_]

    def _dense(self, gradients: Gradients) -> list[tf.Tensor]:
        if len(gradients) != len(self.variables_) or any(g is None for g in gradients):
            raise ValueError(
                f"{type(self).__name__}.apply: expected {len(self.variables_)} "
                f"gradients, none of them None; received {len(gradients)} with "
                f"{sum(g is None for g in gradients)} None"
            )
        return [tf.convert_to_tensor(g) for g in gradients]

    def _rate(self, dtype: tf.DType) -> tf.Tensor:
        if isinstance(self.learning_rate, tf.Variable | tf.Tensor):
            return tf.cast(self.learning_rate, dtype)
        return tf.constant(self.learning_rate, dtype)  # a cast would pass by float32


class SGD(Optimizer):
    """Gradient descent, optionally with momentum.

    Args:
        variables: What to optimize.
        learning_rate: The rate.
        momentum: How much of the last velocity is kept; 0 for plain descent.
        nesterov: Whether to look ahead.
        rate_in_velocity: Whether the velocity holds gradients times rate (Keras) or
            gradients alone (PyTorch). The two agree while the rate is constant.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Source: Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html
    """

    def __init__(
        self,
        variables: Sequence[tf.Variable],
        learning_rate: float | tf.Variable,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        rate_in_velocity: bool = False,
    ) -> None:
        super().__init__(variables, learning_rate)
        _checks.number("SGD", "momentum", momentum, 1.0)
        _checks.flag("SGD", "nesterov", nesterov)
        _checks.flag("SGD", "rate_in_velocity", rate_in_velocity)
        if nesterov and not momentum:
            raise ValueError(
                "SGD: expected momentum above 0 with nesterov=True, "
                f"received momentum={momentum}"
            )
        self.momentum, self.nesterov = momentum, nesterov
        self.rate_in_velocity = rate_in_velocity
        self.velocities = self._zeros() if momentum else []

    def apply(self, gradients: Gradients) -> None:
        """Take one step along `gradients`, in the order of the variables."""
        gradients = self._dense(gradients)
        if not self.momentum:
            for v, g in zip(self.variables_, gradients, strict=True):
                v.assign_sub(self._rate(v.dtype) * g)
            taken(self, self._rate(tf.float64))
            return
        states = zip(self.variables_, gradients, self.velocities, strict=True)
        for v, g, velocity in states:
            rate = self._rate(v.dtype)
            inside, outside = (rate, 1.0) if self.rate_in_velocity else (1.0, rate)
            velocity.assign(self.momentum * velocity + inside * g)
            ahead = self.momentum * velocity + inside * g if self.nesterov else velocity
            v.assign_sub(outside * ahead)
        taken(self, self._rate(tf.float64))


class Adam(Optimizer):
    """Adam: the step is the mean gradient over the root of the mean square.

    Args:
        variables: What to optimize.
        learning_rate: The rate.
        beta_1: Decay of the mean.
        beta_2: Decay of the mean square.
        epsilon: Keeps the quotient finite; 1e-8 in PyTorch, 1e-7 in Keras.
        epsilon_hat: Where epsilon stands. False: beside the corrected root, as in the
            paper's algorithm 1 and PyTorch. True: beside the uncorrected root ("epsilon
            hat", the end of the paper's section 2), as in Keras.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Source: Kingma and Ba 2015, https://arxiv.org/abs/1412.6980
    """

    def __init__(
        self,
        variables: Sequence[tf.Variable],
        learning_rate: float | tf.Variable = 0.001,
        *,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        epsilon_hat: bool = False,
    ) -> None:
        super().__init__(variables, learning_rate)
        who = type(self).__name__
        _checks.number(who, "beta_1", beta_1, 1.0, below=True)
        _checks.number(who, "beta_2", beta_2, 1.0, below=True)
        _checks.number(who, "epsilon", epsilon)
        _checks.flag(who, "epsilon_hat", epsilon_hat)
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.epsilon, self.epsilon_hat = epsilon, epsilon_hat
        self.steps = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.means, self.squares = self._zeros(), self._zeros()

    def apply(self, gradients: Gradients) -> None:
        """Take one step along `gradients`, in the order of the variables."""
        gradients = self._dense(gradients)
        self.steps.assign_add(1)
        for v, g, m, s in zip(
            self.variables_, gradients, self.means, self.squares, strict=True
        ):
            m.assign_add((1 - self.beta_1) * (g - m))
            s.assign_add((1 - self.beta_2) * (tf.square(g) - s))
            v.assign_sub(self._step(v.dtype, m, s))
        taken(self, self._rate(tf.float64))

    def _step(self, dtype: tf.DType, m: tf.Tensor, s: tf.Tensor) -> tf.Tensor:
        t = tf.cast(self.steps, tf.float64)  # 1 - beta**t cancels badly in float32
        mean_bias = tf.cast(1 - self.beta_1**t, dtype)
        root_bias = tf.cast(tf.sqrt(1 - self.beta_2**t), dtype)
        rate = self._rate(dtype) / mean_bias
        if self.epsilon_hat:
            return rate * root_bias * m / (tf.sqrt(s) + self.epsilon)
        return rate * m / (tf.sqrt(s) / root_bias + self.epsilon)


class AdamW(Adam):
    """Adam with weight decay that does not pass through the mean square.

    Args:
        variables: What to optimize.
        learning_rate: The rate.
        weight_decay: Share of each weight, times the rate, taken off before the step;
            0.01 in PyTorch, 0.004 in Keras.
        beta_1: Decay of the mean.
        beta_2: Decay of the mean square.
        epsilon: See `Adam`.
        epsilon_hat: See `Adam`.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Source: Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101
    """

    def __init__(
        self,
        variables: Sequence[tf.Variable],
        learning_rate: float | tf.Variable = 0.001,
        *,
        weight_decay: float = 0.01,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        epsilon_hat: bool = False,
    ) -> None:
        super().__init__(
            variables,
            learning_rate,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            epsilon_hat=epsilon_hat,
        )
        self.weight_decay = _checks.number("AdamW", "weight_decay", weight_decay)

    def apply(self, gradients: Gradients) -> None:
        """Decay the weights, then take one step along `gradients`."""
        gradients = self._dense(gradients)
        for v in self.variables_:
            v.assign_sub(self._rate(v.dtype) * self.weight_decay * v)
        super().apply(gradients)
