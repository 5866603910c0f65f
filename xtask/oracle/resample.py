"""Writes what GDAL, through rasterio, makes of resampled reads, for the tests of cog-raster's resampling.

    python resample.py ../../testdata/resample            the committed set
    python resample.py DIR --reads 5000 --seed 7          more of the same on demand: COG_RESAMPLE_ORACLE=DIR cargo test

A folder holds `<type>.npy` (inputs, rows x columns), `valid.npy` and `alpha.npy` (uint8), `reads.json` (one object a read)
and `reads.bin` (the results, little endian, rows from the top; after the samples, if the read has `mask`, its packed bits: 1
for valid).

A read has `type`, `method`, `window` [column, row, width, height], `out` [columns, rows], `at` and `bytes` (its place in
reads.bin) and `kind`: `plain`; `nodata` (input samples are `nodata` where valid.npy is 0); `mask` (valid.npy is the mask
IFD); `alpha` (alpha.npy is the alpha band); `bits` (samples of 4 bits).

`overviews.json` holds which level GDAL starts from, `statistics.json` what NumPy says of the inputs where they are valid.
"""

import argparse
import json
import pathlib
import warnings

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.windows import Window

METHODS = ["nearest", "bilinear", "cubic", "cubic_spline", "lanczos", "average", "mode", "rms", "gauss"]
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64", "complex64", "complex128"]
ROWS, COLUMNS = 40, 44
NODATA = 7


def blobs(rng, share, reach=3):
    """True on about `share` of the pixels, in patches."""
    noise = np.pad(rng.normal(size=(ROWS, COLUMNS)), reach, mode="wrap")
    patches = sum(np.roll(noise, (j, i), (0, 1)) for j in range(-reach, reach + 1) for i in range(-reach, reach + 1))
    patches = patches[reach:-reach, reach:-reach]
    return patches > np.quantile(patches, 1 - share)


def samples(rng, dtype):
    """Slopes, grain and flat places; small values too, so that results meet nodata."""
    kind = np.dtype(dtype)
    y, x = np.mgrid[:ROWS, :COLUMNS]
    slope = (np.sin(x / 7) + np.cos(y / 5) + 2) / 4
    grain = rng.random((ROWS, COLUMNS))
    low = blobs(rng, 0.3)
    if kind.kind in "iu":
        span = min(np.iinfo(kind).max, 2**40)
        image = (0.6 * slope + 0.4 * grain) * span
        if kind.kind == "i":
            image -= span / 3
        return np.where(low, np.round(6 + 4 * grain), np.round(image)).astype(kind)
    image = (0.6 * slope + 0.4 * grain) * 1000 - 200
    image = np.where(low, np.round(6 + 4 * grain), image)
    return (image + 1j * np.roll(image, 5, 1) if kind.kind == "c" else image).astype(kind)


def opened(image, valid, alpha, read):
    """The dataset of a read, in memory."""
    kind = read["kind"]
    options = {"driver": "GTiff", "width": COLUMNS, "height": ROWS, "count": 1, "dtype": image.dtype.name}
    if kind == "nodata":
        nodata = float(read["nodata"]) if read["nodata"] == "nan" else read["nodata"]
        options["nodata"] = nodata
        image = np.where(valid > 0, image, np.array(nodata, image.dtype))
    if kind == "alpha":
        options.update(count=4, photometric="RGB", alpha="YES")
    if kind == "bits":
        options["nbits"] = 4
        image = image & 15
    memory = MemoryFile()
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), memory.open(**options) as file:
        file.write(image, 1)
        if kind == "alpha":
            for band in (2, 3):
                file.write(image, band)
            file.write(alpha, 4)
        if kind == "mask":
            file.write_mask(valid)
    return memory.open()


def expected(file, read):
    """Samples, and validity if the kind has one."""
    where = {
        "window": Window(*read["window"]),
        "out_shape": (read["out"][1], read["out"][0]),
        "resampling": Resampling[read["method"]],
    }
    values = file.read(1, **where)
    if read["kind"] in ("plain", "bits"):
        return values.tobytes()
    valid = file.read_masks(1, **where) > 0
    read["mask"] = True
    return values.tobytes() + np.packbits(valid).tobytes()


def window(rng, whole):
    width, height = int(rng.integers(4, COLUMNS - 3)), int(rng.integers(4, ROWS - 3))
    column, row = int(rng.integers(0, COLUMNS - width + 1)), int(rng.integers(0, ROWS - height + 1))
    if whole:
        return [column, row, width, height]
    corner = [column + round(float(rng.random()) * 0.9, 3), row + round(float(rng.random()) * 0.9, 3)]
    return corner + [round(width - 1 + float(rng.random()) * 0.09, 3), round(height - 1 + float(rng.random()) * 0.09, 3)]


def differs_on_purpose(read):
    """Reads in which GDAL's chunks or short cuts show; see the documentation of the module `resample`."""
    _, _, width, height = read["window"]
    across, down = width / read["out"][0], height / read["out"][1]
    method = read["method"]
    if read["type"].startswith("complex"):
        # Bilinear at edges; ratios of which a rounding decides whether they are whole.
        edges = method == "cubic" and min(across, down) <= 1
        return edges or any(abs(abs(ratio - round(ratio)) - 0.05) < 1e-9 for ratio in (across, down))
    if method == "lanczos":
        return any(1.35 < ratio % 1.0 + 1 < 1.5 or 2.4 < ratio < 2.5 for ratio in (across, down))
    if method == "gauss":
        return min(across, down) < 1.5 < 2 < max(across, down)
    if method in ("average", "rms"):
        return (across == 2) != (down == 2)
    return False


def has_expected(dtype, kind, method):
    """Not where GDAL's method itself is another; see the documentation of the module `resample`."""
    if dtype.startswith("complex"):
        return method != "lanczos"
    return not (method == "mode" and (dtype == "uint8" and kind in ("mask", "alpha") or kind == "nan"))


def random_read(rng, dtype, kind, method, most):
    while True:
        read = {"type": dtype, "kind": kind, "method": method, "window": window(rng, rng.random() < 0.6)}
        _, _, width, height = (int(v) for v in read["window"])
        shape = rng.integers(0, 4)
        if shape == 0:
            factor = int(rng.integers(2, 6))
            read["out"] = [max(1, width // factor), max(1, height // factor)]
            if isinstance(read["window"][0], int):
                read["window"][2:] = [read["out"][0] * factor, read["out"][1] * factor]
                if read["window"][2] > width or read["window"][3] > height:
                    continue
        elif shape == 1:
            read["out"] = [int(rng.integers(width, 2 * width + 2)), int(rng.integers(height, 2 * height + 2))]
        else:
            read["out"] = [int(rng.integers(1, width + 1)), int(rng.integers(1, height + 1))]
        read["out"] = [min(read["out"][0], most), min(read["out"][1], most)]
        if not differs_on_purpose(read):
            break
    if kind in ("nodata", "nan"):
        read.update(kind="nodata", nodata=NODATA if kind == "nodata" else "nan")
    return read


def committed(rng):
    """Every method with every type plain; the kinds with some types."""
    cases = [(dtype, "plain", 1 if np.dtype(dtype).itemsize > 2 else 3) for dtype in TYPES]
    cases += [(dtype, "nodata", 1) for dtype in ["uint8", "int8", "uint16", "int16", "int32", "uint64", "float32", "float64"]]
    cases += [(dtype, "nan", 1) for dtype in ["float32", "float64"]]
    cases += [(dtype, "mask", 1) for dtype in ["uint8", "uint8", "uint16", "int16", "float32"]]
    cases += [("uint8", "alpha", 2), ("uint8", "bits", 1)]
    for method in METHODS:
        for dtype, kind, count in cases:
            if has_expected(dtype, kind, method):
                most = 8 if np.dtype(dtype).itemsize > 2 else 15
                yield from (random_read(rng, dtype, kind, method, most) for _ in range(count))


def on_demand(rng, count):
    while count > 0:
        kind = str(rng.choice(["plain", "plain", "nodata", "nan", "mask", "alpha"]))
        types = {"plain": TYPES, "nan": ["float32", "float64"], "alpha": ["uint8"]}.get(kind, TYPES[:10])
        dtype, method = str(rng.choice(types)), str(rng.choice(METHODS))
        if has_expected(dtype, kind, method):
            yield random_read(rng, dtype, kind, method, 100)
            count -= 1


def write_reads(folder, rng, reads):
    valid = np.where(blobs(rng, 0.7) & (rng.random((ROWS, COLUMNS)) > 0.02), 255, 0).astype("uint8")
    alpha = np.where(valid > 0, rng.integers(1, 256, valid.shape), 0).astype("uint8")
    images = {dtype: samples(rng, dtype) for dtype in TYPES}
    for name, image in [("valid", valid), ("alpha", alpha), *images.items()]:
        np.save(folder / f"{name}.npy", image)
    index, at = [], 0
    with open(folder / "reads.bin", "wb") as results:
        for read in reads:
            with opened(images[read["type"]], valid, alpha, read) as file:
                result = expected(file, read)
            results.write(result)
            index.append(read | {"at": at, "bytes": len(result)})
            at += len(result)
    lines = ",\n".join(json.dumps(read) for read in index)
    (folder / "reads.json").write_text(f"[\n{lines}\n]\n")
    return len(index), at


def write_statistics(folder):
    """NumPy's statistics of the valid samples of each input, in doubles."""
    valid = np.load(folder / "valid.npy") > 0
    result = {}
    for dtype in TYPES[:10]:
        values = np.load(folder / f"{dtype}.npy")[valid]
        different, counts = np.unique(values, return_counts=True)
        real = values.astype("float64")
        bins, edges = np.histogram(real, 10)
        percents = [0, 2, 12.5, 50, 66.6, 98, 100]
        result[dtype] = {
            "count": int(real.size), "valid_percent": 100 * real.size / valid.size, "min": real.min(), "max": real.max(),
            "mean": real.mean(), "std": real.std(), "sum": real.sum(), "median": np.median(real),
            "majority": float(different[counts.argmax()]), "minority": float(different[counts.argmin()]),
            "unique": int(different.size), "percentiles": [[p, np.percentile(real, p)] for p in percents],
            "histogram": bins.tolist(), "edges": edges.tolist(),
        }
    lines = ",\n".join(f"{json.dumps(dtype)}: {json.dumps(stats)}" for dtype, stats in result.items())
    (folder / "statistics.json").write_text(f"{{\n{lines}\n}}\n")


def pyramid(width, height, factors):
    """A file whose levels are painted with their numbers: 0 for full resolution."""
    memory = MemoryFile()
    options = {"driver": "GTiff", "width": width, "height": height, "count": 1, "dtype": "uint8"}
    with memory.open(**options) as file:
        pass
    for level, factor in enumerate(factors, 1):
        with rasterio.open(memory.name, "r+") as file:
            file.write(np.full((1, height, width), level, "uint8"))
        with rasterio.open(memory.name, "r+") as file:
            file.build_overviews([factor], Resampling.nearest)
    with rasterio.open(memory.name, "r+") as file:
        file.write(np.zeros((1, height, width), "uint8"))
    return memory


def write_overviews(folder, rng, count):
    files = []
    for width, height, factors in [(1013, 777, [2, 4, 8]), (512, 2000, [2, 4, 8, 16]), (900, 300, [3, 5, 7])]:
        memory = pyramid(width, height, factors)
        sizes = []
        for level in range(len(factors)):
            with rasterio.open(memory.name, overview_level=level) as file:
                assert (file.read() == level + 1).all()
                sizes.append([file.width, file.height])
        choices = []
        with rasterio.open(memory.name) as file:
            while len(choices) < count:
                w, h = (float(np.exp(rng.uniform(np.log(2), np.log(size)))) for size in (width, height))
                if rng.random() < 0.6:
                    w, h = float(int(w)), float(int(h))
                x, y = (float(int(rng.uniform(0, size - length))) for size, length in ((width, w), (height, h)))
                ratio = np.exp(rng.uniform(np.log(0.7), np.log(20)))
                uneven = rng.choice([1.0, float(np.exp(rng.uniform(-1, 1)))])
                out = [max(1, int(w / ratio)), max(1, int(h / ratio / uneven))]
                method = str(rng.choice(["nearest", "bilinear", "average"]))
                threshold = [None, None, None, 0.8, 1.5, 2.0][rng.integers(6)]
                options = {} if threshold is None else {"GDAL_OVERVIEW_OVERSAMPLING_THRESHOLD": str(threshold)}
                with rasterio.Env(**options):
                    levels = np.unique(file.read(1, window=Window(x, y, w, h), out_shape=(out[1], out[0]),
                                                 resampling=Resampling[method]))
                assert len(levels) == 1
                choices.append({"window": [round(x, 6), round(y, 6), w, h], "out": out, "method": method,
                                "threshold": threshold, "level": int(levels[0])})
        files.append({"size": [width, height], "overviews": sizes, "choices": choices})
    text = ",\n".join('{{"size": {}, "overviews": {}, "choices": [\n{}\n]}}'.format(
        json.dumps(f["size"]), json.dumps(f["overviews"]), ",\n".join(json.dumps(c) for c in f["choices"])) for f in files)
    (folder / "overviews.json").write_text(f"[{text}]\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--reads", type=int, help="random reads instead of the committed set")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    args.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(args.seed)
    reads = on_demand(rng, args.reads) if args.reads else committed(rng)
    count, size = write_reads(args.folder, rng, reads)
    write_overviews(args.folder, rng, (args.reads or 120) // 4)
    write_statistics(args.folder)
    print(f"{count} reads, {size} bytes of results, GDAL {rasterio.__gdal_version__}")


if __name__ == "__main__":
    main()
