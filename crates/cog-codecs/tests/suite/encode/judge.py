"""Reads files of tests/suite/encode with tifffile and with rasterio, and prints what differs from the samples that went in.

The argument is a directory with `manifest.json`: a list of objects with `file`, `expected` (raw samples, band by band), `dtype`,
`bands`, `height`, `width`, `codec`, and `tolerance`: how far off the mean and the worst sample may be, null if they have to be equal.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy
import rasterio
import tifffile

warnings.filterwarnings("ignore")


def by_tifffile(path, bands):
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        array = page.asarray()
    if bands == 1:
        return array.reshape(1, *array.shape[-2:])
    return array if page.planarconfig == 2 else numpy.moveaxis(array, -1, 0)


def by_rasterio(path, bands):
    with rasterio.open(path) as file:
        return file.read()


def verdict(got, want, tolerance):
    if got.shape != want.shape:
        return f"shape {got.shape} for {want.shape}"
    if tolerance is None:
        got = got.astype(want.dtype)
        same = (got == want) | ((got != got) & (want != want))
        return None if same.all() else f"{(~same).sum()} of {same.size} samples differ"
    both_nan = (got != got) & (want != want)
    off = numpy.where(both_nan, 0, numpy.abs(got.astype("f8") - want.astype("f8")))
    mean, worst = tolerance
    if not (off.mean() <= mean and off.max() <= worst):
        return f"off by {off.mean():.3f} on average and {off.max():.3f} at worst"
    return None


def main(directory):
    wrong = read = 0
    codecs = set()
    for case in json.loads((directory / "manifest.json").read_text()):
        shape = (case["bands"], case["height"], case["width"])
        want = numpy.fromfile(directory / case["expected"], case["dtype"]).reshape(shape)
        for name, reader in (("tifffile", by_tifffile), ("rasterio", by_rasterio)):
            if name in case["without"]:
                continue
            try:
                text = verdict(reader(directory / case["file"], case["bands"]), want, case["tolerance"])
            except Exception as error:  # noqa: BLE001
                text = f"{type(error).__name__}: {error}"
                if "missing codec" in text or "not available" in text or "configure it" in text:
                    codecs.add(f"{name} lacks {case['codec']}")
                    continue
            read += 1
            if text:
                wrong += 1
                print(f"{case['file']} by {name}: {text}")
    for line in sorted(codecs):
        print(f"note: {line}")
    print(f"read {read}, wrong {wrong}")


main(Path(sys.argv[1]))
