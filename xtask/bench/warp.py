"""Times warps of cog-warp beside rasterio's reproject on the same arrays, and its WarpedVRT on the same files, in turns; prints tables.

    python warp.py WARP_SPEED FOLDER SIDE ROUNDS
"""

import pathlib
import subprocess
import sys
import time

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine, array_bounds
from rasterio.vrt import WarpedVRT
from rasterio.warp import Resampling, calculate_default_transform, reproject
from rasterio.windows import Window

TILE = 256
# Tiles along each side of the square in the middle that is warped tile by tile.
TILES = 4
SOURCES = [
    ("UTM", "EPSG:32633", Affine(10, 0, 399960, 0, -10, 5500020)),
    ("4326", "EPSG:4326", Affine(0.0005, 0, 5, 0, -0.0005, 52)),
]
TARGET = "EPSG:3857"
TYPES = [("uint8", 3), ("float32", 1)]
# Method, and source pixels along the side of an output pixel.
METHODS = [("nearest", 1), ("bilinear", 1), ("cubic", 1), ("average", 1), ("average", 4)]


class Ours:
    """The program that warps with cog-warp: it keeps its source between warps."""

    def __init__(self, program):
        self.program = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.program.stdin.write("\t".join(map(str, words)) + "\n")
        self.program.stdin.flush()
        answer = self.program.stdout.readline().strip()
        if not answer:
            raise SystemExit(f"{self.program.args[0]} failed")
        return answer

    def close(self):
        self.program.stdin.close()
        self.program.wait()


def numbers(transform):
    return ",".join(repr(float(v)) for v in tuple(transform)[:6])


def image(dtype, bands, side):
    """Waves with some noise, a row at a time."""
    noise = np.random.default_rng(1)
    x, out = np.arange(side), np.empty((bands, side, side), dtype)
    for band in range(bands):
        for y in range(side):
            row = 128 + 50 * np.sin(x / 37 + band) + 50 * np.cos(y / 23 - band) + noise.normal(0, 5, side)
            # GDAL leaves 0 where there is nothing.
            out[band, y] = np.clip(row, 1, 255)
    return out


def grid(crs, transform, side, factor):
    """`side` / `factor` pixels in the middle of the grid that GDAL suggests, made coarser."""
    whole, width, height = calculate_default_transform(crs, TARGET, side, side, *array_bounds(side, side, transform))
    whole *= Affine.translation(max(width - side, 0) // 2, max(height - side, 0) // 2)
    return whole * Affine.scale(factor), side // factor


def theirs(source, crs, transform, to, width, method, threads, tile):
    """Seconds, and the pixels."""
    size = tile or width
    pieces = [Affine.translation(c, r) for r in range(0, width, size) for c in range(0, width, size)]
    crs, target = CRS.from_string(crs), CRS.from_string(TARGET)
    out = [np.zeros((source.shape[0], size, size), source.dtype) for _ in pieces]
    start = time.perf_counter()
    for array, piece in zip(out, pieces):
        reproject(
            source, array, src_transform=transform, src_crs=crs, dst_transform=to * piece, dst_crs=target,
            resampling=Resampling[method], num_threads=threads,
        )
    return time.perf_counter() - start, out


def theirs_of_file(path, to, width, method, threads, tile):
    """Seconds, and the pixels. Opened anew each time: GDAL would keep its blocks."""
    size = tile or width
    start = time.perf_counter()
    with rasterio.open(path, num_threads=threads) as file:
        options = dict(crs=TARGET, transform=to, width=width, height=width, resampling=Resampling[method])
        with WarpedVRT(file, **options, NUM_THREADS=str(threads)) as vrt:
            places = [(c, r) for r in range(0, width, size) for c in range(0, width, size)]
            out = [vrt.read(window=Window(column, row, size, size)) for column, row in places]
    return time.perf_counter() - start, out


def plain(ours, file, place, dtype, bands, rounds):
    """A read of the whole file without a warp: what is left of a row if warping took no time."""
    best = {}
    for turn in range(rounds):
        for threads in (1, 2):
            a = float(ours.ask("plain", file, threads))
            start = time.perf_counter()
            with rasterio.open(file, num_threads=threads) as dataset:
                dataset.read()
            b = time.perf_counter() - start
            best["ours", threads] = min(a, best.get(("ours", threads), a))
            best["gdal", threads] = min(b, best.get(("gdal", threads), b))
    cells = [place, f"{dtype} × {bands}"]
    for threads in (1, 2):
        a, b = (best[who, threads] * 1000 for who in ("ours", "gdal"))
        cells += [f"{a:.2f}", f"{b:.2f}", f"{b / a:.2f}"]
    return cells


def written(path, source, crs, transform):
    """A tiled file of an array, as COGs have it, without overviews: GDAL would take them."""
    predictor = 3 if source.dtype.kind == "f" else 2
    profile = dict(driver="GTiff", dtype=source.dtype, count=source.shape[0], width=source.shape[2], height=source.shape[1])
    layout = dict(tiled=True, blockxsize=512, blockysize=512, interleave="pixel", compress="deflate", predictor=predictor)
    with rasterio.open(path, "w", crs=crs, transform=transform, **profile, **layout) as file:
        file.write(source)


def read(path, dtype, bands, count, size):
    """What our program wrote: pixels and masks of each piece."""
    data = np.fromfile(path, "u1").reshape(count, -1)
    pixels = bands * size * size * np.dtype(dtype).itemsize
    return [
        (piece[:pixels].view(dtype).reshape(bands, size, size), piece[pixels:].reshape(size, size)) for piece in data
    ]


def compare(ours, gdal):
    """The share of samples within 1 of 255 that both have, and the largest difference."""
    close, count, largest = 0, 0, 0.0
    for (a, mask), b in zip(ours, gdal):
        both = (mask > 0) & (b != 0).all(axis=0)
        apart = np.abs(a[:, both].astype("f4") - b[:, both].astype("f4"))
        close += int((apart <= 1).sum())
        count += apart.size
        largest = max(largest, float(apart.max(initial=0.0)))
    return close / max(count, 1), largest


def row(ours, source, place, transform, crs, dtype, method, factor, tile, side, rounds, folder, file=None):
    to, width = grid(crs, transform, side, factor)
    if tile:
        width_of_tiles = TILE * TILES
        to, width = to * Affine.translation(*[(width - width_of_tiles) // 2] * 2), width_of_tiles
    best = {}
    path = folder / "out.raw"
    for turn in range(rounds):
        for threads in (1, 2):
            asked = ["warp"] if file is None else ["read", file]
            asked += [TARGET, numbers(to), width, width, method, threads, tile]
            a = float(ours.ask(*asked, "-"))
            if file is None:
                b, gdal = theirs(source, crs, transform, to, width, method, threads, tile)
            else:
                b, gdal = theirs_of_file(file, to, width, method, threads, tile)
            best["ours", threads] = min(a, best.get(("ours", threads), a))
            best["gdal", threads] = min(b, best.get(("gdal", threads), b))
    ours.ask(*asked, path)
    pieces = (width // tile) ** 2 if tile else 1
    close, largest = compare(read(path, dtype, source.shape[0], pieces, tile or width), gdal)
    cells = [f"{place} → 3857", f"{dtype} × {source.shape[0]}", method if factor == 1 else f"{method}, 1/{factor}"]
    for threads in (1, 2):
        a, b = (best[who, threads] * 1000 / pieces for who in ("ours", "gdal"))
        cells += [f"{a:.2f}", f"{b:.2f}", f"{b / a:.2f}"]
    return cells + [f"{close * 100:.2f} %", f"{largest:.3g}"]


HEAD = [
    "", "samples", "method", "cog-warp, 1 thread, ms", "GDAL", "ratio, 1 thread", "cog-warp, 2 threads, ms", "GDAL ",
    "ratio, 2 threads", "alike", "apart at most",
]


PLAIN_HEAD = ["", "samples", *HEAD[3:-2]]


def table(heading, rows, head=HEAD):
    print(f"### {heading}\n")
    texts = head.index(HEAD[3])
    for cells in [head, ["---"] * texts + ["--:"] * (len(head) - texts), *rows]:
        print("| " + " | ".join(cells) + " |")
    print(flush=True)


def main(program, folder, side, rounds):
    ours = Ours(program)
    wholes, tiles, files, tiles_of_files, plains = [], [], [], [], []
    for place, crs, transform in SOURCES:
        for dtype, bands in TYPES:
            source = image(dtype, bands, side)
            path = folder / "source.raw"
            source.tofile(path)
            file = folder / "source.tif"
            written(file, source, crs, transform)
            ours.ask("source", path, dtype, bands, side, side, crs, numbers(transform))
            plains.append(plain(ours, file, place, dtype, bands, rounds))
            for method, factor in METHODS:
                of = (ours, source, place, transform, crs, dtype, method, factor)
                wholes.append(row(*of, 0, side, rounds, folder))
                # A reduced output is too small for as many tiles.
                if side // factor >= TILE * TILES:
                    tiles.append(row(*of, TILE, side, rounds, folder))
                files.append(row(*of, 0, side, rounds, folder, file))
                if side // factor >= TILE * TILES:
                    tiles_of_files.append(row(*of, TILE, side, rounds, folder, file))
                for rows in (wholes, tiles, files, tiles_of_files):
                    print(*rows[-1], file=sys.stderr, flush=True)
    ours.close()
    table(f"Arrays, {side} × {side} source pixels at once", wholes)
    table(f"Arrays, tiles of {TILE} × {TILE}: the time of one", tiles)
    table(f"Files, {side} × {side} pixels at once", files)
    table(f"Files, tiles of {TILE} × {TILE}: the time of one", tiles_of_files)
    table("The same files read without a warp, in milliseconds", plains, PLAIN_HEAD)
    print(f"Versions: rasterio {rasterio.__version__}, GDAL {rasterio.__gdal_version__}, NumPy {np.__version__}.")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
