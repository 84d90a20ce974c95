"""Write fashion_test.npz and fashion_calibration.npz from Debian's dataset-fashion-mnist."""

import gzip
from pathlib import Path

import numpy as np

SOURCE = Path("/usr/share/datasets/fashion-mnist")
HERE = Path(__file__).resolve().parent
CALIBRATION_IMAGES = 512


def read_idx(path: Path) -> np.ndarray:
    """Return the uint8 array of one gzipped idx file (images [N,28,28] or labels [N])."""
    raw = gzip.decompress(path.read_bytes())
    if raw[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path}: not an idx file of unsigned bytes")
    shape = np.frombuffer(raw, ">u4", count=raw[3], offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def load_split(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images [N,1,28,28] and labels [N], both uint8, of split "train" or "t10k"."""
    images = read_idx(SOURCE / f"{split}-images-idx3-ubyte.gz")
    labels = read_idx(SOURCE / f"{split}-labels-idx1-ubyte.gz")
    return images[:, None], labels


def balanced_indices(labels: np.ndarray, count: int) -> np.ndarray:
    """Return the first `count` indices that visit the classes in turn: 0, 1, ..., 9, 0, ..."""
    classes = np.unique(labels)
    per_class = -(-count // len(classes))
    columns = [np.flatnonzero(labels == c)[:per_class] for c in classes]
    return np.stack(columns, axis=1).ravel()[:count]


def save(name: str, images: np.ndarray, labels: np.ndarray) -> None:
    """Store pixels as they are; `x * scale` is the float32 input of the network."""
    np.savez_compressed(HERE / name, x=images, y=labels, scale=np.float32(1 / 255))


def main() -> None:
    save("fashion_test.npz", *load_split("t10k"))
    images, labels = load_split("train")
    chosen = balanced_indices(labels, CALIBRATION_IMAGES)
    save("fashion_calibration.npz", images[chosen], labels[chosen])


if __name__ == "__main__":
    main()
