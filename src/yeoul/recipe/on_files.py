"""The recipes by which a file is trained on that comes without one, by task."""

from collections.abc import Mapping

ON_A_FILE: Mapping[str, str] = {
    "classify": """# The default recipe for a table of labelled texts.
task = "classify"
""",
    "forecast": """# The default recipe for a table of measurements.
task = "forecast"

[model]
output = "quantiles"
dropout = 0.1

[model.encoder]
kind = "gru"
hidden_size = 64
bidirectional = false
pooling = "last"

[training]
epochs = 40
budget_seconds = 240.0
batch_size = 64
rate = 2e-3
patience = 6
select = "loss"
""",
    "generate": """# The default recipe for a text.
task = "generate"

[text]
unit = "character"
min_count = 2

[language]
window = 64

[model]
output_dropout = 0.1

[training]
epochs = 30
budget_seconds = 300.0
batch_size = 32
rate = 4e-3
decay = "cosine"
patience = 5
""",
    "transduce": """# The default recipe for pairs of texts.
task = "transduce"

[text]
unit = "subword"
vocabulary_size = 8000

[model]
embedding_size = 256
dropout = 0.2

[model.encoder]
kind = "gru"
hidden_size = 256
bidirectional = true

[model.decoder]
kind = "gru"
hidden_size = 256
attention = "general"
dropout = 0.2

[training]
epochs = 30
budget_seconds = 600.0
batch_size = 64
rate = 1e-3
label_smoothing = 0.1
patience = 5
""",
}
