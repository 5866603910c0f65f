"""A reader of another project, for `cargo xtask bench requests`: peers.py READER TASK URL [URL ...].

Imports what it needs, does what the task takes for granted, says its versions in a line of JSON, waits for a line on
standard input, does the task, and answers with a line of JSON: the time in `ms`, and the SHA-256 of the pixels where
there are any. READER is gdal or async-geotiff; how GDAL is tuned stands in its environment.

TASK is a list of steps joined by "+", those before a "/" taken for granted:
open, tile:X:Y, mask:X:Y (a tile and its validity), window:X:Y:W:H, level:N, all (every URL at once).
"""

import asyncio
import hashlib
import json
import os
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np

warnings.filterwarnings("ignore")
TILE = 512


class Gdal:
    def __init__(self, urls):
        import rasterio
        import rasterio.io

        self.rasterio, self.urls = rasterio, urls
        self.versions = {"rasterio": rasterio.__version__, "GDAL": rasterio.__gdal_version__}
        self.file = None
        # Drivers and the CRS database are loaded by the first file: not a matter of requests.
        with rasterio.io.MemoryFile() as memory:
            with memory.open(driver="GTiff", width=1, height=1, count=1, dtype="uint8", crs="EPSG:3857") as file:
                file.write(np.zeros((1, 1, 1), "uint8"))
            with memory.open() as file:
                file.profile

    def run(self, steps):
        return [out for step in steps for out in self.step(*step)]

    def step(self, name, *numbers):
        from rasterio.windows import Window

        if name == "open":
            self.file = self.rasterio.open(self.urls[0])
            self.file.profile
        elif name in ("tile", "mask"):
            x, y = numbers
            window = Window(x * TILE, y * TILE, TILE, TILE)
            yield self.file.read(window=window)
            if name == "mask":
                yield self.file.dataset_mask(window=window)
        elif name == "window":
            yield self.file.read(window=Window(*numbers))
        elif name == "level":
            # An output of the overview's size is read from it.
            count, rows, columns = self.file.count, *self.file.shape
            yield self.file.read(out_shape=(count, -(-rows // 2 ** numbers[0]), -(-columns // 2 ** numbers[0])))
        elif name == "all":
            def one(url):
                with self.rasterio.open(url) as file:
                    return file.profile

            with ThreadPoolExecutor(len(self.urls)) as pool:
                list(pool.map(one, self.urls))


class AsyncGeotiff:
    def __init__(self, urls):
        from importlib.metadata import version

        import async_geotiff
        from async_tiff.store import HTTPStore

        self.library = async_geotiff
        root, _, _ = urls[0].rpartition("/")
        self.names = [url.rpartition("/")[2] for url in urls]
        self.store = HTTPStore.from_url(root, client_options={"allow_http": True})
        self.loop = asyncio.new_event_loop()
        self.versions = {"async-geotiff": version("async-geotiff"), "async-tiff": version("async-tiff")}
        self.file = None

    def run(self, steps):
        return self.loop.run_until_complete(self.steps(steps))

    async def steps(self, steps):
        out = []
        for step in steps:
            out += await self.step(*step)
        return out

    async def open(self, name):
        return await self.library.GeoTIFF.open(name, store=self.store)

    async def step(self, name, *numbers):
        if name == "open":
            self.file = await self.open(self.names[0])
            self.file.transform
        elif name in ("tile", "mask"):
            array = (await self.file.fetch_tile(*numbers)).array
            mask = [] if name == "tile" else [np.where(array.mask, 255, 0).astype("uint8")]
            return [np.asarray(array.data), *mask]
        elif name == "window":
            x, y, width, height = numbers
            window = self.library.Window(col_off=x, row_off=y, width=width, height=height)
            return [(await self.file.read(window=window)).data]
        elif name == "level":
            return [(await self.file.overviews[numbers[0] - 1].read()).data]
        elif name == "all":
            await asyncio.gather(*(self.open(name) for name in self.names))
        return []


def steps(text):
    return [(name, *map(int, numbers)) for name, *numbers in (step.split(":") for step in text.split("+") if step)]


def main(reader, task, *urls):
    before, _, measured = task.rpartition("/")
    peer = {"gdal": Gdal, "async-geotiff": AsyncGeotiff}[reader](urls)
    error = None
    try:
        peer.run(steps(before))
    except Exception as failed:  # what it cannot do stands in the table
        error = failed
    print(json.dumps({"versions": peer.versions}), flush=True)
    sys.stdin.readline()
    try:
        if error:
            raise error
        began = time.perf_counter()
        out = peer.run(steps(measured))
        ms = (time.perf_counter() - began) * 1000
    except Exception as failed:
        print(json.dumps({"error": f"{type(failed).__name__}: {failed}"}), flush=True)
        return
    pixels = hashlib.sha256()
    for array in out:
        pixels.update(np.ascontiguousarray(array).tobytes())
    print(json.dumps({"ms": ms, "sha256": pixels.hexdigest() if out else None}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
    # Threads of the readers may still run; their end is nobody's concern.
    os._exit(0)
