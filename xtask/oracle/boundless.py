"""Writes what rasterio makes of boundless resampled reads whose edges cut output pixels, for the tests of cog-read.

    python boundless.py ../../testdata/files ../../testdata/boundless

`reads.json` has one object a read: `file` (of the first folder), `method`, `window` [column, row, width, height], `out`
[columns, rows], `at` and `bytes`: where its samples (all bands, rows from the top, little endian) are in `reads.bin`.
"""

import argparse
import json
import pathlib

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.windows import Window

# North-up, without mask or overviews.
FILES = ["deflate_p2_uint8_rgb.tif", "zstd_p2_uint16.tif", "zstd_p3_float32.tif", "packbits_int8_strips.tif"]
METHODS = ["nearest", "bilinear", "cubic", "cubic_spline", "lanczos", "average", "mode", "rms"]


def along(rng, size, most):
    """Start and length over an edge of an axis, or over both, and how many output pixels."""
    length = int(rng.integers(4, size // 2 + 8))
    start = int(rng.choice([rng.integers(2 - length, 0), rng.integers(size - length + 1, size - 1), -rng.integers(1, 6)]))
    if rng.random() < 0.3:
        start, length = -int(rng.integers(1, 9)), size + int(rng.integers(10, 20))
    part = [round(float(v), 2) for v in rng.random(2)] if rng.random() < 0.4 else [0, 0]
    count = int(rng.integers(1, most)) if rng.random() < 0.8 else int(rng.integers(length, 2 * length))
    return start + part[0], length + part[1], min(count, most)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--reads", type=int, default=5, help="of each file and method")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    index, at = [], 0
    with open(args.folder / "reads.bin", "wb") as results:
        for name in FILES:
            with rasterio.open(args.files / name) as file:
                for method in METHODS:
                    for _ in range(args.reads):
                        column, width, columns = along(rng, file.width, 14)
                        row, height, rows = along(rng, file.height, 14)
                        window = [column, row, width, height]
                        values = file.read(window=Window(*window), out_shape=(file.count, rows, columns), boundless=True,
                                           resampling=Resampling[method])
                        result = values.tobytes()
                        results.write(result)
                        index.append({"file": name, "method": method, "window": window, "out": [columns, rows],
                                      "at": at, "bytes": len(result)})
                        at += len(result)
    lines = ",\n".join(json.dumps(read) for read in index)
    (args.folder / "reads.json").write_text(f"[\n{lines}\n]\n")
    print(f"{len(index)} reads, {at} bytes of results, GDAL {rasterio.__gdal_version__}")


if __name__ == "__main__":
    main()
