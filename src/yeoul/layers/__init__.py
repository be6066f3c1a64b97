"""Layers over sequences of true length, usable on their own in any PyTorch model."""

from yeoul.layers.convolution import Convolution
from yeoul.layers.dropout import LockedDropout
from yeoul.layers.embedding import Embedding
from yeoul.layers.pooling import AttentionPooling, FixedPooling, MaxOverSteps
from yeoul.layers.recurrent import GRU, LSTM, RNN

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AttentionPooling",
    "Convolution",
    "Embedding",
    "FixedPooling",
    "LockedDropout",
    "MaxOverSteps",
]
