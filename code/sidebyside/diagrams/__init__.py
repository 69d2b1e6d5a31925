"""Diagrams: the picture of an idea, drawn by code, as SVG that stands in the page.

Why code, and not an image file or a drawing program: a line of code shows in a diff
what changed; nothing has to be installed where a notebook runs; and SVG in the page
takes its colours from the page, in light, in dark, in print and in forced colours. A
diagram is at most `WIDTH` units wide, so its text is as large as the page's on a phone.
"""

from sidebyside.diagrams._draw import WIDTH, Box, Diagram
from sidebyside.diagrams.augmentation import augmentation
from sidebyside.diagrams.code_count import code_count
from sidebyside.diagrams.compiled_calls import compiled_calls
from sidebyside.diagrams.convnet import convnet
from sidebyside.diagrams.data_pipeline import data_pipeline
from sidebyside.diagrams.deep_blocks import deep_blocks
from sidebyside.diagrams.exchange import exchange
from sidebyside.diagrams.five_outcomes import five_outcomes
from sidebyside.diagrams.keras_levels import keras_levels
from sidebyside.diagrams.layouts import layouts
from sidebyside.diagrams.lstm_cell import lstm_cell
from sidebyside.diagrams.model_styles import model_styles
from sidebyside.diagrams.preprocessing import preprocessing
from sidebyside.diagrams.speed_race import speed_race
from sidebyside.diagrams.tape import tape
from sidebyside.diagrams.tensor_memory import tensor_memory
from sidebyside.diagrams.three_boxes import three_boxes
from sidebyside.diagrams.three_programs import three_programs
from sidebyside.diagrams.training_step import training_step
from sidebyside.diagrams.transfer import transfer
from sidebyside.diagrams.update_path import update_path
from sidebyside.diagrams.weight_moves import weight_moves

ALL = {
    "augmentation": augmentation,
    "code_count": code_count,
    "compiled_calls": compiled_calls,
    "convnet": convnet,
    "data_pipeline": data_pipeline,
    "deep_blocks": deep_blocks,
    "exchange": exchange,
    "five_outcomes": five_outcomes,
    "keras_levels": keras_levels,
    "layouts": layouts,
    "lstm_cell": lstm_cell,
    "model_styles": model_styles,
    "preprocessing": preprocessing,
    "speed_race": speed_race,
    "tape": tape,
    "tensor_memory": tensor_memory,
    "three_boxes": three_boxes,
    "three_programs": three_programs,
    "training_step": training_step,
    "transfer": transfer,
    "update_path": update_path,
    "weight_moves": weight_moves,
}
"""Every diagram of the book, by name: the function that draws it."""

__all__ = [
    "ALL",
    "WIDTH",
    "Box",
    "Diagram",
    "augmentation",
    "code_count",
    "compiled_calls",
    "convnet",
    "data_pipeline",
    "deep_blocks",
    "exchange",
    "five_outcomes",
    "keras_levels",
    "layouts",
    "lstm_cell",
    "model_styles",
    "preprocessing",
    "speed_race",
    "tape",
    "tensor_memory",
    "three_boxes",
    "three_programs",
    "training_step",
    "transfer",
    "update_path",
    "weight_moves",
]
