"""Makes the inputs of `cargo xtask bench decode`: inputs.py FOLDER SIZE.

Images of SIZE x SIZE pixels that compress as imagery does: noise of many octaves for the ground, fields and roads for
edges, and the noise of a sensor. Written by GDAL in tiles of 512 x 512, pixel interleaved. The table of inputs
goes to FOLDER/inputs.json.
"""

import json
import pathlib
import sys

import numpy as np
import rasterio
from rasterio.transform import from_origin

SEED = 20261122

# name, file, image, creation options
INPUTS = [
    ("deflate, predictor 2, uint8 RGB", "deflate-p2-u8", "rgb", dict(compress="deflate", predictor=2)),
    ("deflate, predictor 2, uint16", "deflate-p2-u16", "reflectance", dict(compress="deflate", predictor=2)),
    ("deflate, predictor 3, float32", "deflate-p3-f32", "dem", dict(compress="deflate", predictor=3)),
    ("LZW, predictor 2, uint8 RGB", "lzw-p2-u8", "rgb", dict(compress="lzw", predictor=2)),
    ("LZW, predictor 2, uint16", "lzw-p2-u16", "reflectance", dict(compress="lzw", predictor=2)),
    ("ZSTD, predictor 3, float32", "zstd-p3-f32", "dem", dict(compress="zstd", predictor=3)),
    ("ZSTD, predictor 2, uint16", "zstd-p2-u16", "reflectance", dict(compress="zstd", predictor=2)),
    ("JPEG, YCbCr 4:2:0", "jpeg-ycbcr", "rgb", dict(compress="jpeg", photometric="ycbcr")),
    ("WebP, lossy, uint8 RGB", "webp", "rgb", dict(compress="webp")),
    ("LERC_ZSTD, float32", "lerc-zstd-f32", "dem", dict(compress="lerc_zstd", max_z_error=0.01)),
    ("deflate, predictor 2, int16, 8 bands", "deflate-p2-i16x8", "multiband", dict(compress="deflate", predictor=2)),
    ("uncompressed, uint8 RGB", "none-u8", "rgb", dict()),
]


def octaves(rng, size, coarsest, finest, persistence):
    """Value noise: random grids of ever finer step, interpolated linearly and added up. About -1 to 1, float32."""
    total = np.zeros((size, size), np.float32)
    weight, step, weights = 1.0, coarsest, 0.0
    while step >= finest:
        grid = rng.uniform(-1, 1, (size // step + 2, size // step + 2)).astype(np.float32)
        at = np.arange(size, dtype=np.float32) / step
        low = at.astype(np.intp)
        part = (at - low).astype(np.float32)
        rows = grid[low] * (1 - part)[:, None] + grid[low + 1] * part[:, None]
        total += weight * (rows[:, low] * (1 - part) + rows[:, low + 1] * part)
        weights += weight
        weight, step = weight * persistence, step // 2
    return total / np.float32(weights)


def fields(rng, size):
    """Tones of rectangular fields over open ground, cut by roads. Float32 from 0 to 1, and where the roads are."""
    tones = np.zeros((size, size), np.float32)
    for _ in range(size * size // 60_000):
        height, width = rng.integers(40, 260, 2)
        y, x = rng.integers(0, size, 2)
        tones[y : y + height, x : x + width] = rng.uniform(0, 1)
    roads = np.zeros((size, size), bool)
    along = np.arange(size)
    for _ in range(size // 256):
        start, slope, width = rng.integers(0, size), rng.uniform(-0.4, 0.4), rng.integers(2, 6)
        across = (start + slope * along).astype(np.intp)
        for shift in range(width):
            inside = (across + shift >= 0) & (across + shift < size)
            roads[(across + shift)[inside], along[inside]] = True
            roads[along[inside], (across + shift)[inside]] = True
    return tones, roads


def scene(rng, size):
    """Brightness of a landscape from 0 to 1, float32, without sensor noise."""
    tones, roads = fields(rng, size)
    ground = 0.45 + 0.6 * octaves(rng, size, 512, 2, 0.8) + 0.25 * (tones - 0.5)
    ground[roads] = 0.8
    return ground.clip(0, 1)


def band(rng, base, mix, gain, offset, sigma, dtype):
    """One band of a scene: scaled, with noise of its own, rounded to the type."""
    noisy = (base + mix) * gain + offset + rng.standard_normal(base.shape, dtype=np.float32) * sigma
    limits = np.iinfo(dtype)
    return np.rint(noisy).clip(limits.min, limits.max).astype(dtype)


def images(size, seed=SEED):
    """The images by name, one after another: (band, row, column)."""
    rng = np.random.default_rng(seed)
    base = scene(rng, size)
    mixes = [0.15 * octaves(rng, size, 256, 16, 0.5) for _ in range(3)]
    yield "rgb", np.stack([band(rng, base, mix, 200, 20, 3, np.uint8) for mix in mixes])
    yield "reflectance", band(rng, base, mixes[0], 6000, 300, 20, np.uint16)[None]
    several = [band(rng, base, mixes[i % 3] * (i - 3) / 4, 3000, 100 * i, 4, np.int16) for i in range(8)]
    yield "multiband", np.stack(several)
    # A terrain model: smooth, terraces at field edges, centimetres of measuring noise.
    relief = 800 + 600 * octaves(rng, size, 1024, 8, 0.45) + 0.5 * np.rint(base * 4)
    noise = rng.standard_normal(base.shape, dtype=np.float32) * np.float32(0.02)
    yield "dem", (relief + noise).astype(np.float32)[None]


def write(path, pixels, options):
    count, height, width = pixels.shape
    profile = dict(driver="GTiff", tiled=True, blockxsize=512, blockysize=512, interleave="pixel", crs="EPSG:32632")
    with rasterio.open(
        path, "w", count=count, height=height, width=width, dtype=pixels.dtype,
        transform=from_origin(500_000, 5_200_000, 10, 10), num_threads="all_cpus", **profile, **options,
    ) as file:
        file.write(pixels)


def main():
    folder, size = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    output_bytes = {}
    for name, pixels in images(size):
        for _, file, image, options in INPUTS:
            if image == name:
                write(folder / f"{file}.tif", pixels, options)
                output_bytes[file] = pixels.nbytes
    table = [
        dict(name=name, file=f"{file}.tif", output_bytes=output_bytes[file], exact=options.get("compress") != "jpeg")
        for name, file, _, options in INPUTS
    ]
    (folder / "inputs.json").write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
