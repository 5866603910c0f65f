"""Times encoders of cog-codecs beside libtiff (through GDAL) and imagecodecs on the same images, in turns; prints a table.

    python encode.py ENCODE_SPEED FOLDER SIDE ROUNDS
"""

import pathlib
import subprocess
import sys
import time

import imagecodecs
import numpy as np
import rasterio
from rasterio.io import MemoryFile

import inputs

BLOCK = 512

# Codec as cog-codecs names it, level, GDAL's options, encoder of imagecodecs
LOSSLESS = [
    ("lzw", 0, dict(compress="lzw"), lambda b: imagecodecs.lzw_encode(b)),
    ("deflate", 6, dict(compress="deflate", zlevel=6), lambda b: imagecodecs.deflate_encode(b, level=6)),
    ("zstd", 9, dict(compress="zstd", zstd_level=9), lambda b: imagecodecs.zstd_encode(b, level=9)),
]
PACKBITS = ("packbits", 0, dict(compress="packbits"), lambda b: imagecodecs.packbits_encode(b, axis=None))
LERC = ("lerc", 0, dict(compress="lerc"), lambda b: imagecodecs.lerc_encode(b, level=0.0))
PICTURES = [
    ("jpeg", 75, dict(compress="jpeg", photometric="ycbcr", jpeg_quality=75),
     lambda b: imagecodecs.jpeg8_encode(b, level=75, subsampling="420", optimize=True)),
    ("webp", 75, dict(compress="webp", webp_level=75), lambda b: imagecodecs.webp_encode(b, level=75, lossless=False)),
    ("webp-lossless", 0, dict(compress="webp", webp_lossless=True),
     lambda b: imagecodecs.webp_encode(b, level=100, lossless=True, method=4)),
]


def predicted(block, predictor):
    if predictor == 2:
        return imagecodecs.delta_encode(block, axis=1)
    return imagecodecs.floatpred_encode(block, axis=1) if predictor == 3 else block


def by_imagecodecs(pixels, encode, predictor):
    """Seconds. Blocks are cut and interleaved beforehand; differences are taken as a part of it."""
    _, height, width = pixels.shape
    blocks = []
    for y in range(0, height, BLOCK):
        for x in range(0, width, BLOCK):
            block = np.moveaxis(pixels[:, y : y + BLOCK, x : x + BLOCK], 0, -1)
            blocks.append(np.ascontiguousarray(block[..., 0] if pixels.shape[0] == 1 else block))
    start = time.perf_counter()
    for block in blocks:
        encode(predicted(block, predictor))
    return time.perf_counter() - start


def by_gdal(pixels, options, predictor):
    """Seconds, and bytes of the file."""
    count, height, width = pixels.shape
    profile = dict(driver="GTiff", count=count, height=height, width=width, dtype=pixels.dtype, interleave="pixel")
    if predictor > 1:
        options = dict(options, predictor=predictor)
    with MemoryFile() as memory:
        start = time.perf_counter()
        with memory.open(tiled=True, blockxsize=BLOCK, blockysize=BLOCK, **profile, **options) as file:
            file.write(pixels)
        return time.perf_counter() - start, len(memory.getbuffer())


def main(program, folder, side, rounds):
    ours = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    print("### Blocks\n")
    print("| samples | codec | predictor | cog-codecs, MB/s | libtiff | ÷ libtiff | imagecodecs | ÷ imagecodecs | size, of libtiff's |")
    print("| --- | --- | --: | --: | --: | --: | --: | --: | --: |")
    for name, pixels in inputs.images(side):
        if name == "multiband":
            continue
        path = folder / f"{name}.raw"
        pixels.tofile(path)
        predictor = 3 if pixels.dtype.kind == "f" else 2
        cases = [(*codec, p) for codec in LOSSLESS for p in (1, predictor)] + [(*PACKBITS, 1), (*LERC, 1)]
        if name == "rgb":
            cases += [(*codec, 1) for codec in PICTURES]
        for codec, level, options, encode, predictor in cases:
            count, height, width = pixels.shape
            times = {"ours": [], "gdal": [], "imagecodecs": []}
            for _ in range(rounds if codec != "webp-lossless" else 1):
                words = [path, pixels.dtype, count, height, width, BLOCK, codec, level, predictor, 1]
                ours.stdin.write("\t".join(map(str, words)) + "\n")
                ours.stdin.flush()
                answer = ours.stdout.readline().split()
                if not answer:
                    raise SystemExit(f"{program} failed")
                times["ours"].append(float(answer[0]))
                seconds, size = by_gdal(pixels, options, predictor)
                times["gdal"].append(seconds)
                times["imagecodecs"].append(by_imagecodecs(pixels, encode, predictor))
            speed = {who: pixels.nbytes / min(all_of) / 1e6 for who, all_of in times.items()}
            a, b, c = speed["ours"], speed["gdal"], speed["imagecodecs"]
            label = f"{codec} {level}" if level else codec
            cells = [f"{pixels.dtype} × {count}", label, predictor, f"{a:.0f}", f"{b:.0f}", f"{a / b:.2f}", f"{c:.0f}"]
            cells += [f"{a / c:.2f}", f"{int(answer[1]) / size:.3f}"]
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)
            print(*cells, file=sys.stderr, flush=True)
    ours.stdin.close()
    ours.wait()
    print(f"\nVersions: rasterio {rasterio.__version__}, GDAL {rasterio.__gdal_version__}, imagecodecs {imagecodecs.__version__}.")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
