"""Recurrent layers side by side with those of PyTorch, Keras on JAX and Keras on TensorFlow: `make bench`."""
