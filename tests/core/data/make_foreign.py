"""Makes foreign.h5: an HDF5 file as other programs write them, to prove that ours reads those too.

Run with h5py (3.16 made the file in the tree). It holds a user block, old-style groups, big-endian,
narrow and chunked numbers, text of variable length, links, and types that are no plain numbers.
"""

import sys

import h5py
import numpy as np


def main(path: str) -> None:
    with h5py.File(path, "w", userblock_size=512) as file:
        file.attrs["text"] = "von h5py, 5 µS"
        file.attrs["empty"] = ""
        file.attrs["fixed"] = np.bytes_("fixed")
        file.attrs["padded"] = np.array(b"ab", dtype="S5")
        file.attrs["int32"] = np.int32(-5)
        file.attrs["float32"] = np.float32(0.25)
        file.attrs["seed"] = np.uint64(2**64 - 1)
        file.attrs["list"] = [1, 2, 3]
        file.attrs["flag"] = True
        group = file.create_group("numbers")
        group["big_endian"] = np.array([[1.5, -2.5], [0.0, 1e-300]], dtype=">f8")
        group["float32"] = np.array([0.5, 0.25], dtype="f4")
        group["float16"] = np.array([0.5, 0.25], dtype="f2")
        group["int32"] = np.array([-1, 2], dtype="i4")
        group["uint64"] = np.array([1, 2**64 - 1], dtype="u8")
        group["scalar"] = 3.5
        group["nothing"] = h5py.Empty("f8")
        group["flags"] = np.array([True, False])
        group["words"] = np.array([b"a", b"b"])
        group["pairs"] = np.array([(1, 2.0)], dtype=[("n", "i4"), ("x", "f8")])
        group.create_dataset("unwritten", (10**7, 10**5), dtype="f8", chunks=(1000, 1000))
        group.create_dataset("chunked", data=np.arange(1000.0), chunks=(64,), compression="gzip")
        group["link"] = h5py.SoftLink("/numbers/float32")
        group["dangling"] = h5py.SoftLink("/nowhere")


if __name__ == "__main__":
    main(sys.argv[1])
