"""Reads files of tests/suite/encode with tifffile and with rasterio, and prints what differs from the samples that went in.

The argument is a directory with `manifest.json`: a list of objects with `file`, `expected` (raw samples, band by band), `dtype`,
`bands`, `height`, `width`, `codec`, `tolerance`: how far off the mean and the worst sample may be, null if they have to be equal;
`without`: which of the two cannot read it; `gdal`: null, or options with which GDAL writes the same samples into blocks that are to be
no more than three per cent smaller; `turbo`: null, or a quality with which libjpeg-turbo makes the same coded data of the first block.
"""

import json
import logging
import sys
import warnings
from pathlib import Path

import imagecodecs
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


class Warnings(logging.Handler):
    """What GDAL warns of."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


GDAL = Warnings()
logging.getLogger("rasterio").addHandler(GDAL)


def by_rasterio(path, bands):
    GDAL.texts.clear()
    with rasterio.open(path) as file:
        array = file.read()
    # Of LERC of several bands and of lossless floating point: told in the documentation of `Encoding::lerc_parameters`.
    known = ("Unknown Lerc version", "Unexpected version number: 6. Expected: 5")
    told = [text for text in GDAL.texts if not any(part in text for part in known)]
    if told:
        raise ValueError(f"a warning: {told[0]}")
    return array


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


def block_bytes(path):
    with tifffile.TiffFile(path) as file:
        return sum(file.pages[0].databytecounts)


def size_verdict(path, samples, options):
    """GDAL's blocks of the same samples against ours."""
    bands, height, width = samples.shape
    profile = dict(driver="GTiff", width=width, height=height, count=bands, dtype=samples.dtype, interleave="pixel")
    theirs = path.with_suffix(".gdal.tif")
    with rasterio.open(theirs, "w", **profile, **options) as file:
        file.write(samples)
    ours, theirs = block_bytes(path), block_bytes(theirs)
    print(f"note: {path.stem} has {ours / theirs:.4f} of GDAL's bytes")
    return None if ours <= 1.03 * theirs else f"{ours} bytes, GDAL {theirs}"


def turbo_verdict(path, samples, quality):
    """The Huffman codes and the coded data; quantisation tables stand in tag 347."""
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        start, length = page.dataoffsets[0], page.databytecounts[0]
        tables = page.tags[347].value
        tile = samples[:, : page.tilelength, : page.tilewidth]
    ours = path.read_bytes()[start : start + length]
    tile = numpy.ascontiguousarray(tile[0] if len(tile) == 1 else numpy.moveaxis(tile, 0, -1))
    theirs = imagecodecs.jpeg8_encode(tile, level=quality, subsampling="420", optimize=True)
    frame = theirs.index(b"\xff\xc0")
    if theirs[frame:] != ours[2:]:
        return "other bytes than libjpeg-turbo's"
    for i in range(2 if tile.ndim == 3 else 1):
        table = tables[2 + 69 * i : 2 + 69 * (i + 1)]
        if table not in theirs:
            return f"another quantisation table {i} than libjpeg-turbo's"
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
        path, more = directory / case["file"], []
        if case["gdal"] is not None:
            more.append(size_verdict(path, want, case["gdal"]))
        if case["turbo"] is not None:
            more.append(turbo_verdict(path, want, case["turbo"]))
        for text in filter(None, more):
            wrong += 1
            print(f"{case['file']}: {text}")
    for line in sorted(codecs):
        print(f"note: {line}")
    print(f"read {read}, wrong {wrong}")


main(Path(sys.argv[1]))
