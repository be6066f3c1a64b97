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
    "compare": """# The default recipe for pairs of texts to compare.
task = "compare"

[text]
unit = "subword"
vocabulary_size = 8000

[model]
dropout = 0.2

[model.embedding]
size = 128
dropout = 0.2
token_dropout = 0.05

[model.encoder]
kind = "gru"
hidden_size = 128

[training]
epochs = 30
budget_seconds = 300.0
batch_size = 64
rate = 2e-3
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
    "caption": """# The default recipe for pictures with captions.
task = "caption"

[pictures]
size = 96
flip = true
shift = 4

[text]
unit = "word"
min_count = 3
lowercase = true
max_length = 30

[model]
embedding_size = 192
dropout = 0.3

[model.encoder]
channels = [48, 96, 160]
stride = 4
size = 192
dropout = 0.2

[model.decoder]
kind = "gated"
hidden_size = 256
dropout = 0.3

[model.words]
first = 0.2

[training]
epochs = 40
budget_seconds = 1800.0
batch_size = 32
rate = 1e-3
precision = "bfloat16"
decay = "cosine"
label_smoothing = 0.1
patience = 8

[search]
beam = 5
no_repeat = 3
""",
    "tag": """# The default recipe for tagged sentences.
task = "tag"

[text]
unit = "jamo"
vocabulary_size = 4000
max_length = 32
keep = "both"

[model]
head = "crf"

[training]
epochs = 12
budget_seconds = 600.0
batch_size = 24
rate = 5e-3
weight_decay = 0.0
clip = 5.0
patience = 4
""",
}
