"""Layers over sequences of true length, usable on their own in any PyTorch model."""

from yeoul.layers.attention import MultiHeadAttention
from yeoul.layers.convolution import Convolution
from yeoul.layers.crf import CRF
from yeoul.layers.dropout import Dropout, LockedDropout
from yeoul.layers.embedding import Embedding
from yeoul.layers.pooling import AttentionPooling, FixedPooling, MaxOverSteps
from yeoul.layers.recurrent import GRU, LSTM, RNN
from yeoul.layers.transformer import TransformerBlock
from yeoul.layers.wavenet import WaveNet

__all__ = [
    "CRF",
    "GRU",
    "LSTM",
    "RNN",
    "AttentionPooling",
    "Convolution",
    "Dropout",
    "Embedding",
    "FixedPooling",
    "LockedDropout",
    "MaxOverSteps",
    "MultiHeadAttention",
    "TransformerBlock",
    "WaveNet",
]
