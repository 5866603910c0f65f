"""A reader of another project, for `cargo xtask bench decode` and `bench read`: peers.py READER THREADS.

Says hello with a line of JSON that holds its versions, then reads one path after another from standard input and answers
each with a line of JSON: the time from opening the file to one contiguous (band, row, column) array in `read_ms`. A path
that follows the word "check" is answered with the SHA-256 of the samples, little-endian. GDAL also understands a tab and JSON
behind the path: which part is wanted, how large, and how it is resampled.
"""

import asyncio
import hashlib
import json
import sys
import time

import numpy as np


class Gdal:
    def __init__(self, threads):
        import rasterio

        self.open, self.threads = rasterio.open, threads
        self.versions = {"rasterio": rasterio.__version__, "GDAL": rasterio.__gdal_version__}

    def read(self, path, part=None):
        from rasterio.enums import Resampling
        from rasterio.windows import Window

        # Opened anew each time: the block cache of a file ends when it is closed.
        with self.open(path, num_threads=self.threads) as file:
            if not part:
                return file.read()
            window = Window(*part["window"]) if part.get("window") else None
            shape = (file.count, *part["shape"]) if part.get("shape") else None
            method = Resampling[part.get("resampling", "nearest").replace("-", "_")]
            return file.read(window=window, out_shape=shape, resampling=method)


class Tifffile:
    def __init__(self, threads):
        import imagecodecs
        import tifffile

        self.open, self.threads = tifffile.TiffFile, threads
        self.versions = {"tifffile": tifffile.__version__, "imagecodecs": imagecodecs.__version__}

    def read(self, path):
        with self.open(path) as file:
            pixels = file.pages[0].asarray(maxworkers=self.threads)
        return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(np.moveaxis(pixels, -1, 0))


class AsyncTiff:
    def __init__(self, threads):
        from importlib.metadata import version

        import async_tiff
        from async_tiff.store import LocalStore

        self.threads, self.tiff, self.store = threads, async_tiff.TIFF, LocalStore("/")
        self.pool = async_tiff.ThreadPool(threads)
        self.loop = asyncio.new_event_loop()
        self.versions = {"async-tiff": version("async-tiff")}

    def read(self, path):
        return self.loop.run_until_complete(self.mosaic(path))

    async def mosaic(self, path):
        tiff = await self.tiff.open(path.lstrip("/"), store=self.store)
        ifd = tiff.ifds[0]
        width, height = ifd.tile_width, ifd.tile_height
        grid = [(x, y) for y in range(-(-ifd.image_height // height)) for x in range(-(-ifd.image_width // width))]
        tiles = await tiff.fetch_tiles(grid, 0)
        out = None

        def paste(x, y, decoded):
            nonlocal out
            pixels = np.moveaxis(np.asarray(decoded), -1, 0)
            if out is None:
                out = np.empty((len(pixels), ifd.image_height, ifd.image_width), pixels.dtype)
            place = out[:, y * height : (y + 1) * height, x * width : (x + 1) * width]
            place[...] = pixels[:, : place.shape[1], : place.shape[2]]

        async def one(place, tile):
            paste(*place, await tile.decode(pool=self.pool))

        if self.threads == 1:
            # On this thread: with the pool, one thread would decode while another pastes.
            for place, tile in zip(grid, tiles):
                paste(*place, tile.decode_sync(decoder_registry=None))
        else:
            await asyncio.gather(*map(one, grid, tiles))
        return out


READERS = {"gdal": Gdal, "tifffile": Tifffile, "async-tiff": AsyncTiff}


def answer(reader, line):
    check = line.startswith("check ")
    path, _, part = line.removeprefix("check ").partition("\t")
    more = (json.loads(part),) if part else ()
    start = time.perf_counter()
    pixels = reader.read(path, *more)
    read_ms = (time.perf_counter() - start) * 1e3
    assert pixels.ndim == 3 and pixels.flags.c_contiguous, (pixels.shape, pixels.strides)
    if not check:
        return {"read_ms": read_ms}
    return {"sha256": hashlib.sha256(pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)).hexdigest()}


def main():
    reader = READERS[sys.argv[1]](int(sys.argv[2]))
    versions = {**reader.versions, "Python": sys.version.split()[0], "NumPy": np.__version__}
    print(json.dumps({"versions": versions}), flush=True)
    for line in sys.stdin:
        try:
            reply = answer(reader, line.rstrip("\n"))
        except Exception as error:  # a file that a reader cannot read is a row without a number, not the end
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
