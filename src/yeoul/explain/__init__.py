"""Why a model answered so: what of the input speaks for the answer, and whether that can be trusted."""
