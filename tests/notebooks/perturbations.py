"""What is changed in which chapter, and which rung must break.

Every chapter has at least one row. PyTorch is the lane that the others are compared
with, so a change in PyTorch would be reported as one of the others: rows change
TensorFlow or Keras.
"""

from perturb import Perturbation

PERTURBATIONS = [
    Perturbation(
        chapter="01_tensors",
        cell="task-keras",
        old="(x - mean) / (spread + 1e-3)",
        new="(x - mean) / (spread + 2e-3)",
        notices="task-check",
        lane="keras",
        rung="standardized",
    ),
    Perturbation(
        chapter="02_autodiff",
        cell="gradient-tensorflow",
        old="tf.linalg.matvec(X_tf, w) + b",
        new="tf.linalg.matvec(X_tf, w) + 0.999 * b",
        notices="gradient-parity",
        lane="tensorflow",
        rung="b",
    ),
    Perturbation(
        chapter="02_autodiff",
        cell="descent-keras",
        old="b_ks.assign([b_start])",
        new="b_ks.assign([b_start + 0.01])",  # one weight of eleven
        notices="descent-parity",
        lane="keras",
        rung="loss of every step",
    ),
    Perturbation(
        chapter="04_training_loop",
        cell="loss-tensorflow",
        old="tf.reduce_mean(losses)",
        new="tf.reduce_sum(losses)",
        notices="parity-ladder",
        lane="tensorflow",
        rung="loss",
    ),
    Perturbation(
        chapter="04_training_loop",
        cell="step-keras",
        old="keras.optimizers.SGD(LEARNING_RATE, momentum",
        new="keras.optimizers.SGD(1.01 * LEARNING_RATE, momentum",
        notices="parity-ladder",
        lane="keras",
        rung="one step",
    ),
    Perturbation(
        chapter="04_training_loop",
        cell="feeding-keras",
        old="epoch(self.epoch)[k]",
        new="epoch(self.epoch)[k - 1]",  # the same batches in another order
        notices="curves-parity",
        lane="keras",
        rung="training loss",
    ),
    Perturbation(
        chapter="11_image_classification",
        cell="model-keras",
        old="epsilon=BN_EPSILON",
        new="epsilon=1e-3",
        notices="parity-ladder",
        lane="keras",
        rung="forward",
    ),
    Perturbation(
        chapter="11_image_classification",
        cell="model-tensorflow",
        old="self.norm3(self.conv3(X), training)",
        new="self.norm3(self.conv3(X), True)",  # evaluation mode, forgotten
        notices="parity-ladder",
        lane="tensorflow",
        rung="evaluation",
    ),
    Perturbation(
        chapter="21_sentiment",
        cell="model-tensorflow",
        old="mask=X != 0",
        new="mask=X != 2",  # the most frequent word is taken for padding
        notices="numpy-check",
        lane="tensorflow",
        rung="logits",
    ),
    Perturbation(
        chapter="21_sentiment",
        cell="probe-keras",
        old="keras.optimizers.SGD(0.5)",
        new="keras.optimizers.SGD(0.51)",
        notices="parity-ladder",
        lane="keras",
        rung="one step",
    ),
    Perturbation(
        chapter="71_migrating",
        cell="model-keras",
        old='layers.LeakyReLU(slope, name="act2")',
        new='layers.LeakyReLU(2 * slope, name="act2")',
        notices="six-logits-check",
        lane="keras",
        rung="logits",
    ),
    Perturbation(
        chapter="71_migrating",
        cell="step-tensorflow",
        old="tfcore.SGD(variables, SGD_RATE",
        new="tfcore.SGD(variables, 1.01 * SGD_RATE",
        notices="parity-ladder",
        lane="tensorflow",
        rung="one step",
    ),
]
