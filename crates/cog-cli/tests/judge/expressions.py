"""Compares `cog read --expression` with NumPy over what rasterio reads, and with rio-tiler's own expressions.

    python expressions.py INPUT.json

Prints {"numpy": comparisons, "rio_tiler": comparisons, "wrong": [...]}.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.windows import Window
from rio_tiler.io import Reader

warnings.filterwarnings("ignore")
np.seterr(all="ignore")

# As we write it, and as NumPy does.
FORMULAS = [
    ("({b}-{a})/({b}+{a})", lambda a, b: (b - a) / (b + a)),
    ("where({a}>{b}, {a}, {b}*0.5)", lambda a, b: np.where(a > b, a, b * 0.5)),
    ("{a}**2 - sqrt(abs({b}))", lambda a, b: a**2 - np.sqrt(np.abs(b))),
    ("({a} > 10) & ({b} < 2000)", lambda a, b: ((a > 10) & (b < 2000)).astype(float)),
    ("{a} % 7 + {b} // 3", lambda a, b: np.remainder(a, 7) + np.floor_divide(b, 3)),
]
# What rio-tiler takes and numexpr evaluates without wrapping around.
ALIKE = ["({b}-{a})/({b}+{a})", "where({a}>{b}, {a}, {b})", "({a}-2*{b})/10000.0", "({a} > 10) & ({b} < 2000)", "1.5*({b}-{a})/({b}+{a}+0.5)"]


def ours(cog, path, expression, folder, *more):
    out, mask = folder / "out.npy", folder / "mask.npy"
    subprocess.run([cog, "read", path, "--expression", expression, "-o", out, "--mask", mask, "-q", *more], check=True)
    return np.load(out), np.load(mask)


def main():
    asked = json.loads(pathlib.Path(sys.argv[1]).read_text())
    wrong, by_numpy, by_rio_tiler = [], 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path in asked["files"]:
            with rasterio.open(path) as dataset:
                a, b = 1, min(2, dataset.count)
                names = {"a": f"b{a}", "b": f"b{b}"}
                window = Window(7, 9, 23, 19)
                for formula, numpy_of in FORMULAS:
                    for more, words in (
                        ({}, []),
                        ({"window": window}, ["--window", "7,9,23,19"]),
                        ({"out_shape": (2, 17, 21), "resampling": Resampling.nearest}, ["--width", "21", "--height", "17"]),
                    ):
                        bands = dataset.read([a, b], **more).astype(np.float64)
                        valid = (dataset.read_masks([a, b], **more) > 0).all(axis=0)
                        expected = numpy_of(*bands).astype(np.float32)
                        valid &= np.isfinite(expected) & ~np.isnan(bands).any(axis=0)
                        found, mask = ours(asked["cog"], path, formula.format(**names), folder, *words)
                        good = found.dtype == np.float32 and found.shape == (1, *expected.shape)
                        good = good and np.array_equal(mask > 0, valid) and np.array_equal(np.isnan(found[0]), ~valid)
                        good = good and np.array_equal(found[0][valid], expected[valid])
                        by_numpy += 1
                        if not good:
                            wrong.append(["numpy", path, formula, words])
            with Reader(path) as reader:
                for formula in ALIKE:
                    expression = formula.format(**names)
                    image = reader.read(expression=expression)
                    found, mask = ours(asked["cog"], path, expression, folder)
                    # Theirs is valid where the file is; what is not a number is 0 there, and infinity the largest number.
                    theirs, masked = image.array.data[0].astype(np.float64), image.array.mask[0]
                    valid = mask > 0
                    close = np.isclose(found[0][valid], theirs[valid], rtol=1e-5, atol=1e-6)
                    hidden = theirs[~masked & ~valid]
                    odd = (hidden != 0) & (np.abs(hidden) < 3e38)
                    by_rio_tiler += 1
                    if not close.all() or odd.any() or (masked & valid).any():
                        wrong.append(["rio-tiler", path, expression, int((~close).sum()), int(odd.sum()), int((masked & valid).sum())])
    print(json.dumps({"numpy": by_numpy, "rio_tiler": by_rio_tiler, "wrong": wrong[:5]}, default=str))


main()
