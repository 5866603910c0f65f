"""Times `cog validate` beside rio-cogeo on the same local files, and prints a table.

    python validate.py COG FOLDER FILES ROUNDS

Files are made in FOLDER once: COGs of GDAL of several kinds, and files that are none, copied until there are FILES of them.
"""

import concurrent.futures
import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.transform import from_origin
from rio_cogeo.cogeo import cog_validate

# Name, driver, width and height, bands, type, options.
KINDS = [
    ("deflate", "COG", 1024, 1, "uint16", {"compress": "DEFLATE"}),
    ("rgb", "COG", 1024, 3, "uint8", {"compress": "DEFLATE"}),
    ("jpeg", "COG", 1024, 3, "uint8", {"compress": "JPEG"}),
    ("float", "COG", 1500, 1, "float32", {"compress": "LZW", "blocksize": 256}),
    ("small", "COG", 400, 1, "uint8", {"compress": "DEFLATE"}),
    ("large", "COG", 3000, 1, "uint8", {"compress": "DEFLATE", "blocksize": 256}),
    ("strips", "GTiff", 1024, 1, "uint16", {"compress": "DEFLATE"}),
    ("tiles", "GTiff", 1024, 1, "uint8", {"compress": "DEFLATE", "tiled": True}),
]

# A process for each file takes long; what the others would take is calculated.
BY_COMMAND = 20


def pixels(size, bands, dtype):
    """Smooth, so that blocks are as small as those of maps."""
    rng = np.random.default_rng(size + bands)
    coarse = rng.integers(0, 200, (bands, size // 50 + 2, size // 50 + 2))
    return np.kron(coarse, np.ones((1, 50, 50)))[:, :size, :size].astype(dtype)


def make(folder, count):
    kinds = []
    for name, driver, size, bands, dtype, options in KINDS:
        path = folder / f"kind_{name}.tif"
        profile = {"driver": "GTiff", "width": size, "height": size, "count": bands, "dtype": dtype, "crs": "EPSG:32633",
                   "transform": from_origin(5e5, 5e6, 10, 10)}
        with rasterio.MemoryFile() as memory:
            with memory.open(**profile) as out:
                out.write(pixels(size, bands, dtype))
            rasterio.shutil.copy(memory.name, path, driver=driver, **options)
        kinds.append(path)
    files = folder / "files"
    if files.exists():
        shutil.rmtree(files)
    files.mkdir()
    paths = [files / f"{number:04}.tif" for number in range(count)]
    for number, path in enumerate(paths):
        shutil.copyfile(kinds[number % len(kinds)], path)
    return [str(path) for path in paths]


def ours(cog, listed, *options):
    start = time.perf_counter()
    run = subprocess.run([cog, "validate", "--ndjson", *options, f"@{listed}"], stdout=subprocess.PIPE, text=True)
    took = time.perf_counter() - start
    assert run.returncode == 1, run
    return took, [json.loads(line) for line in run.stdout.splitlines()]


def theirs(paths):
    start = time.perf_counter()
    verdicts = [cog_validate(path, quiet=True) for path in paths]
    return time.perf_counter() - start, verdicts


def by_two(paths, pool):
    start = time.perf_counter()
    half = len(paths) // 2
    list(pool.map(theirs, [paths[:half], paths[half:]]))
    return time.perf_counter() - start


def by_command(paths):
    command = pathlib.Path(sys.executable).parent / "rio"
    start = time.perf_counter()
    for path in paths[:BY_COMMAND]:
        subprocess.run([command, "cogeo", "validate", path], check=True, capture_output=True)
    return (time.perf_counter() - start) * len(paths) / BY_COMMAND


def main(cog, folder, count, rounds):
    paths = make(folder, count)
    listed = folder / "list.txt"
    listed.write_text("\n".join(paths) + "\n")
    times = {}

    def record(name, took):
        times[name] = min(took, times.get(name, took))

    pool = concurrent.futures.ProcessPoolExecutor(2)
    for _ in range(rounds):
        took, answers = ours(cog, listed)
        record("cog validate, every block", took)
        record("cog validate --header-only", ours(cog, listed, "--header-only")[0])
        took, verdicts = theirs(paths)
        record("rio-cogeo in one Python process", took)
        record("rio-cogeo in two Python processes", by_two(paths, pool))
        same = [
            [answer["rio_cogeo"]["valid"], len(answer["rio_cogeo"]["errors"]), len(answer["rio_cogeo"]["warnings"])]
            == [valid, len(errors), len(warnings)]
            for answer, (valid, errors, warnings) in zip(answers, verdicts, strict=True)
        ]
        assert all(same), "verdicts differ"
    record("rio cogeo validate, a process for each file", by_command(paths))
    best = times["cog validate, every block"]
    print(f"| {count} files | s | files a second | times as long as `cog validate` |")
    print("|---|--:|--:|--:|")
    for name, took in times.items():
        print(f"| {name} | {took:.3f} | {count / took:.0f} | {took / best:.1f} |")
    size = sum(pathlib.Path(path).stat().st_size for path in paths)
    valid = sum(answer["rio_cogeo"]["valid"] for answer in answers)
    print(f"\n{size / 2**20:.0f} MiB, {sum(answer['blocks'] for answer in answers)} blocks; {valid} files are valid, for both alike.")
    print(f"\nLoad of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    print(f"\nVersions: rio-cogeo {importlib.metadata.version('rio-cogeo')}, rasterio {rasterio.__version__}, GDAL {rasterio.__gdal_version__}.")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
