"""Times `cog convert` beside GDAL's COG driver and `rio cogeo create`, each in a process of its own, in turns; prints tables.

    python convert.py COG ENCODE_SPEED DECODE_READER FOLDER SIDE ROUNDS
    python convert.py gdal SOURCE OUTPUT NAME=VALUE...      GDAL's COG driver; prints the seconds that it took
"""

import json
import pathlib
import shutil
import subprocess
import sys
import time
import warnings

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from rasterio.windows import Window

import inputs

BLOCK = 512
# Codec, our options, GDAL's, and those of a GTiff that rio-cogeo passes on.
CODECS = [
    ("deflate 6", ["--compress", "deflate", "--level", "6"], ["COMPRESS=DEFLATE", "LEVEL=6", "PREDICTOR=YES"],
     ["-p", "deflate", "--co", "ZLEVEL=6", "--co", "PREDICTOR=2"]),
    ("ZSTD 9", ["--compress", "zstd", "--level", "9"], ["COMPRESS=ZSTD", "LEVEL=9", "PREDICTOR=YES"],
     ["-p", "zstd", "--co", "ZSTD_LEVEL=9", "--co", "PREDICTOR=2"]),
    ("LZW", ["--compress", "lzw"], ["COMPRESS=LZW", "PREDICTOR=YES"], ["-p", "lzw", "--co", "PREDICTOR=2"]),
    ("JPEG 75", ["--compress", "jpeg", "--quality", "75"], ["COMPRESS=JPEG", "QUALITY=75"],
     ["-p", "jpeg", "--co", "JPEG_QUALITY=75"]),
    ("WebP 75", ["--compress", "webp", "--quality", "75"], ["COMPRESS=WEBP", "QUALITY=75"],
     ["-p", "webp", "--co", "WEBP_LEVEL=75"]),
]
PICTURES = ("JPEG 75", "WebP 75")
# As encode_speed names codec and level.
BARE = {
    "deflate 6": ("deflate", 6, 2), "ZSTD 9": ("zstd", 9, 2), "LZW": ("lzw", 0, 2), "JPEG 75": ("jpeg", 75, 1),
    "WebP 75": ("webp", 75, 1),
}


def made(folder, side):
    """Uncompressed tiled files of side x side pixels, put together from 16 scenes, by name; beside each its samples as bytes."""
    piece = -(-side // 4)
    files = {name: folder / f"{name}-{side}.tif" for name in ("rgb", "reflectance")}
    if all(path.exists() and path.with_suffix(".raw").exists() for path in files.values()):
        return files
    arrays = {"rgb": np.zeros((3, side, side), np.uint8), "reflectance": np.zeros((1, side, side), np.uint16)}
    for i in range(16):
        y, x = i // 4 * piece, i % 4 * piece
        for name, pixels in inputs.images(piece, inputs.SEED + i):
            if name not in arrays:
                break
            to = arrays[name][:, y : y + piece, x : x + piece]
            to[...] = pixels[:, : to.shape[1], : to.shape[2]]
        print(f"scene {i + 1} of 16", file=sys.stderr, flush=True)
    for name, pixels in arrays.items():
        inputs.write(files[name], pixels, {})
        pixels.tofile(files[name].with_suffix(".raw"))
    return files


# A process begins with the memory of the one that started it: this one has little.
LAUNCHER = """
import os, sys, time
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - start, usage.ru_maxrss / 1024)
sys.exit(status != 0)
"""


def run(command):
    """Seconds on the wall, peak memory in MiB, and what it printed."""
    launched = [sys.executable, "-I", "-S", "-c", LAUNCHER, *map(str, command)]
    done = subprocess.run(launched, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    *printed, last = done.stdout.splitlines()
    seconds, memory = map(float, last.split())
    return seconds, memory, "\n".join(printed)


def by_gdal(source, output, options):
    warnings.filterwarnings("ignore")
    options = dict(option.split("=", 1) for option in options)
    start = time.perf_counter()
    rasterio.shutil.copy(source, output, driver="COG", **options)
    print(time.perf_counter() - start)


def tools(cog, folder, threads):
    """Who converts, and how: a function of source, and a codec's options, that gives seconds, memory and bytes."""
    output = folder / "out.tif"

    def timed(command):
        output.unlink(missing_ok=True)
        seconds, memory, printed = run(command)
        # Python's start is none of GDAL's business.
        seconds = float(printed) if command[0] == sys.executable else seconds
        size = output.stat().st_size
        output.unlink()
        return seconds, memory, size

    def ours(source, options, _gdal, _rio):
        fixed = ["--blocksize", BLOCK, "--overview-resampling", "average", "--copy-blocks", "never", "--threads", threads]
        return timed([cog, "convert", source, output, *options, *fixed, "--quiet"])

    def gdal(source, _ours, options, _rio):
        fixed = [f"BLOCKSIZE={BLOCK}", "OVERVIEW_RESAMPLING=AVERAGE", f"NUM_THREADS={threads}", "BIGTIFF=IF_SAFER"]
        return timed([sys.executable, __file__, "gdal", source, output, *options, *fixed])

    def rio(source, _ours, _gdal, options):
        program = pathlib.Path(sys.executable).parent / "rio"
        fixed = ["--blocksize", BLOCK, "--overview-resampling", "average", "--threads", threads, "--quiet"]
        return timed([program, "cogeo", "create", source, output, *options, *fixed])

    return [("cog", ours), ("GDAL", gdal), ("rio-cogeo", rio)]


def bare(programs, path, pixels, codec):
    """Seconds to decode all blocks of a file, and to encode as many of the raw samples and a third more, for overviews, on one thread."""
    encode_speed, decode_reader = programs
    dtype, count, height, width = pixels
    name, level, predictor = BARE[codec]
    words = [path.with_suffix(".raw"), dtype, count, height, width, BLOCK, name, level, predictor, 1]
    done = subprocess.run([encode_speed], input="\t".join(map(str, words)) + "\n", capture_output=True, text=True, check=True)
    # The straight line knows whole blocks only: what they take counts for the cut ones too.
    whole = path.with_name("whole.tif")
    rows, columns = height // BLOCK, width // BLOCK
    samples = np.memmap(path.with_suffix(".raw"), dtype, "r", shape=(count, height, width))
    inputs.write(whole, samples[:, : rows * BLOCK, : columns * BLOCK], {})
    decoded = subprocess.run([decode_reader, "--limit", "--reads", "3", whole], capture_output=True, text=True, check=True)
    whole.unlink()
    share = -(-height // BLOCK) * -(-width // BLOCK) / (rows * columns)
    return json.loads(decoded.stdout)["read_ms"] / 1000 * share + float(done.stdout.split()[0]) * 4 / 3


def line(cells):
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    print(*cells, file=sys.stderr, flush=True)


HEAD = [
    "samples", "codec", "cog, s", "GDAL, s", "÷ GDAL", "rio-cogeo, s", "÷ rio-cogeo", "size, of GDAL's", "peak memory, MiB: cog", "GDAL",
    "rio-cogeo",
]


def conversion(cog, folder, source, pixels, codec, threads, rounds):
    """The cells of a row, and the seconds that we took."""
    name, *options = codec
    best, memory, size = {}, {}, {}
    for _ in range(rounds):
        for who, convert in tools(cog, folder, threads):
            seconds, peak, size[who] = convert(source, *options)
            best[who] = min(seconds, best.get(who, seconds))
            memory[who] = max(peak, memory.get(who, 0))
    a, b, c = (best[who] for who in ("cog", "GDAL", "rio-cogeo"))
    cells = [f"{pixels[0]} × {pixels[1]}", name, f"{a:.2f}", f"{b:.2f}", f"{b / a:.2f}", f"{c:.2f}", f"{c / a:.2f}"]
    return cells + [f"{size['cog'] / size['GDAL']:.3f}"] + [f"{peak:.0f}" for peak in memory.values()], a


def conversions(cog, programs, folder, side, rounds):
    files = made(folder, side)
    for threads in (1, 2):
        print(f"### {threads} thread{'s' if threads > 1 else ''}\n")
        head = HEAD + (["of a bare loop"] if threads == 1 else [])
        line(head)
        line(["---", "---"] + ["--:"] * (len(head) - 2))
        for name, source in files.items():
            with rasterio.open(source) as file:
                pixels = (file.dtypes[0], file.count, file.height, file.width)
            for codec in CODECS:
                if codec[0] in PICTURES and name != "rgb":
                    continue
                cells, seconds = conversion(cog, folder, source, pixels, codec, threads, rounds)
                if threads == 1:
                    loop = bare(programs, source, pixels, codec[0])
                    cells.append(f"{loop / seconds * 100:.0f} %")
                line(cells)
        print()


def copies(cog, folder, side, rounds):
    """An almost-COG laid out anew, beside a copy that is on the disk when it ends."""
    source, output = folder / "almost.tif", folder / "out.tif"
    with rasterio.open(folder / f"rgb-{side}.tif") as file:
        pixels = file.read()
    inputs.write(source, pixels, dict(compress="deflate", predictor=2))
    with rasterio.open(source, "r+") as file:
        file.build_overviews([2, 4, 8, 16], Resampling.average)
    best = {}
    for _ in range(max(rounds, 3)):
        for who, command in (
            ("cp", ["sh", "-c", f'cp "{source}" "{output}" && sync "{output}"']),
            ("cog", [cog, "convert", source, output, "--compress", "deflate", "--overviews", "keep", "--quiet"]),
        ):
            output.unlink(missing_ok=True)
            seconds, _, _ = run(command)
            best[who] = min(seconds, best.get(who, seconds))
    size = source.stat().st_size / 1e6
    output.unlink()
    print(
        f"Blocks copied: a file of {size:.0f} MB, deflated, with overviews, takes {best['cog']:.2f} s; `cp` and `sync` take "
        f"{best['cp']:.2f} s: {best['cp'] / best['cog'] * 100:.0f} % of their speed.\n"
    )


def arrays(cog, folder, rounds):
    """A file read into a NumPy file on the disk, beside the read alone."""
    source, output = folder / "almost.tif", folder / "out.npy"
    best = {}
    for _ in range(max(rounds, 5)):
        for who, to in (("read", ["/dev/null", "--format", "npy"]), ("npy", [output])):
            output.unlink(missing_ok=True)
            seconds, _, _ = run([cog, "read", source, "--level", 0, "--quiet", "-o", *to])
            best[who] = min(seconds, best.get(who, seconds))
    size = output.stat().st_size / 1e6
    output.unlink()
    print(
        f"`cog read` into a NumPy file of {size:.0f} MB takes {best['npy']:.2f} s; without the disk, into `/dev/null`, {best['read']:.2f} s: "
        f"{best['npy'] / best['read']:.2f} × the read.\n"
    )


def empty(cog, folder):
    """300,000 x 150,000 pixels of which 64 blocks hold something."""
    source, output = folder / "empty.tif", folder / "out.tif"
    noise = np.random.default_rng(1)
    profile = dict(driver="GTiff", width=300_000, height=150_000, count=1, dtype="uint8", nodata=0, crs="EPSG:4326")
    source.unlink(missing_ok=True)
    with rasterio.open(
        source, "w", **profile, transform=from_origin(-180, 90, 0.0012, 0.0012), tiled=True, blockxsize=BLOCK, blockysize=BLOCK,
        compress="lzw", sparse_ok=True, bigtiff="yes",
    ) as file:
        for i in range(64):
            window = Window(i % 8 * 36_864, i // 8 * 18_432, BLOCK, BLOCK)
            file.write(noise.integers(1, 200, (BLOCK, BLOCK)).astype("uint8"), 1, window=window)
    output.unlink(missing_ok=True)
    seconds, memory, _ = run([cog, "convert", source, output, "--compress", "lzw", "--quiet"])
    print(
        f"An almost empty LZW file of 300,000 × 150,000 pixels takes {seconds:.1f} s and {memory:.0f} MiB; it becomes "
        f"{output.stat().st_size / 1e6:.1f} MB.\n"
    )
    output.unlink()
    source.unlink()


def wide(cog, folder):
    """Sources of four bands of bytes that are 100,000 pixels wide: peak memory, and what the disk holds besides the output."""
    source, output = folder / "wide.tif", folder / "out.tif"
    width = 100_000
    noise = np.random.default_rng(2)
    ramp = (np.arange(width) >> 9 & 0x7F).astype("uint8")
    for layout, rows, profile in (
        ("tiles of 512 × 512", 2048, dict(tiled=True, blockxsize=BLOCK, blockysize=BLOCK)),
        ("strips of 16 rows", 3072, dict(tiled=False, blockysize=16)),
    ):
        source.unlink(missing_ok=True)
        with rasterio.open(
            source, "w", driver="GTiff", width=width, height=rows, count=4, dtype="uint8", crs="EPSG:32633", interleave="pixel",
            transform=from_origin(500_000, 5_000_000, 1, 1), compress="deflate", zlevel=1, bigtiff="yes", **profile,
        ) as file:
            for row in range(0, rows, BLOCK):
                pixels = noise.integers(0, 16, (4, BLOCK, width), dtype="uint8") + ramp
                file.write(pixels, window=Window(0, row, width, BLOCK))
        for method in ("average", "cubic"):
            output.unlink(missing_ok=True)
            command = [cog, "convert", source, output, "--compress", "deflate", "--copy-blocks", "never", "--threads", 2]
            _, memory, _ = run([*command, "--overview-resampling", method, "--quiet"])
            print(
                f"Peak memory of a source of 100,000 × {rows:,} pixels and 4 bands of uint8 in {layout}, overviews by {method}: "
                f"{memory:.0f} MiB.\n",
                flush=True,
            )
    output.unlink()
    source.unlink()


def main(cog, programs, folder, side, rounds):
    warnings.filterwarnings("ignore")
    conversions(cog, programs, folder, side, rounds)
    copies(cog, folder, side, rounds)
    arrays(cog, folder, rounds)
    empty(cog, folder)
    wide(cog, folder)
    version = subprocess.run([sys.executable, "-m", "pip", "show", "rio-cogeo"], capture_output=True, text=True, check=True)
    version = next(text.split(": ")[1] for text in version.stdout.splitlines() if text.startswith("Version"))
    print(f"Versions: rasterio {rasterio.__version__}, GDAL {rasterio.__gdal_version__}, rio-cogeo {version}.")
    shutil.rmtree(folder)


if __name__ == "__main__":
    if sys.argv[1] == "gdal":
        by_gdal(sys.argv[2], sys.argv[3], sys.argv[4:])
    else:
        cog, encode_speed, decode_reader, folder, side, rounds = sys.argv[1:]
        main(cog, (encode_speed, decode_reader), pathlib.Path(folder), int(side), int(rounds))
