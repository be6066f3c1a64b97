"""`[training]`: how a network is trained."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from yeoul.recipe.nodes import Node, Share, Size, UnfitError


class TrainingRecipe(Node):
    """How a network is trained: AdamW with warm-up, decay, clipping and early stop."""

    epochs: Size = 10
    max_steps: Size | None = None
    """Stop after this many steps, even inside an epoch."""
    budget_seconds: Annotated[float, Field(gt=0.0)] | None = None
    """Turned into `max_steps` by a short calibration before the first step."""
    batch_size: Size = 64
    accumulation: Size = 1
    """Parts into which a batch is cut to save memory; the gradient stays the same."""
    optimizer: Literal["adamw", "sgd"] = "adamw"
    """"sgd": each step straight against the gradient, as in the AWD-LSTM; it asks for far larger rates."""
    rate: Annotated[float, Field(gt=0.0)] = 1e-3
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.01
    warmup: Share = 0.05
    """Share of the steps in which the rate rises from zero."""
    decay: Literal["linear", "cosine", "none"] = "linear"
    clip: Annotated[float, Field(gt=0.0)] = 1.0
    """Largest norm of the gradient over all weights."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """"bfloat16": products in half the bits, on processors and GPUs that are faster so; weights keep 32 bits."""
    averaging: Literal["none", "ema", "triggered"] = "none"
    """What is evaluated and saved in place of the newest weights: "ema", a mean that forgets (Polyak & Juditsky 1992);
    "triggered", the mean since the first epoch without improvement (Merity et al. 2018)."""
    averaging_decay: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.999
    """What "ema" keeps of the mean at every step, less in the first steps."""
    class_weights: Literal["none", "balanced"] = "none"
    """"balanced": every class weighs the same in the loss, however few its rows."""
    sampling: Literal["plain", "balanced"] = "plain"
    """"balanced": an epoch draws as many rows of each class, again and again from the rare ones."""
    label_smoothing: Share = 0.0
    """Share of each target that is spread over all classes."""
    patience: Size = 3
    """Epochs without improvement after which training stops."""
    select: Literal["score", "loss", "macro_f1"] = "score"
    """What the best epoch is best at, on the validation rows; "score": accuracy, micro-F1 or mean absolute error."""
    checkpoint_seconds: Annotated[float, Field(gt=0.0)] = 60.0
    """Longest time between checkpoints; one is also written after each epoch."""

    @model_validator(mode="after")
    def _only_a_mean_that_forgets_decays(self) -> "TrainingRecipe":
        if self.averaging != "ema" and self.averaging_decay != 0.999:
            raise UnfitError('averaging_decay acts with averaging = "ema" only', "remove it")
        return self

    @model_validator(mode="after")
    def _classes_are_balanced_once(self) -> "TrainingRecipe":
        if self.class_weights == "balanced" and self.sampling == "balanced":
            raise UnfitError("class_weights and sampling both balance the classes", "choose one")
        return self
