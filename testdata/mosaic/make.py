"""Makes small overlapping scenes, and the mosaics that rio-tiler makes of them by every method.

    python testdata/mosaic/make.py

Needs rio-tiler (9.4 was used) and rasterio. Scenes of a case lie on one lattice of 10 m pixels, and the mosaic has that lattice too: reads are
copies, so that results differ by the selection of pixels alone. Writes NAME_N.tif, mosaics.json and mosaics.bin: samples as they are in memory,
little endian, then a mask of the same shape, 255 where there is data.
"""

import json
import sys
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import ColorInterp
from rasterio.transform import from_origin
from rio_tiler.io import Reader
from rio_tiler.mosaic import mosaic_reader
from rio_tiler.mosaic.methods import defaults

HERE = Path(__file__).parent
WEST, NORTH, PIXEL = 500_000.0, 5_300_000.0, 10.0
WIDTH, HEIGHT = 40, 36
# Column, row, width, height of each scene in the mosaic; some reach beyond it, a corner is left bare.
PLACES = [(2, 2, 20, 20), (12, -4, 24, 24), (-3, 10, 30, 24), (16, 12, 28, 16), (8, 6, 18, 18), (14, 9, 8, 20)]

METHODS = {
    "first": defaults.FirstMethod,
    "last": defaults.FirstMethod,
    "highest": defaults.HighestMethod,
    "lowest": defaults.LowestMethod,
    "mean": defaults.MeanMethod,
    "median": defaults.MedianMethod,
    "stdev": defaults.StdevMethod,
    "sum": defaults.SumMethod,
    "count": defaults.CountMethod,
    "lastbandhigh": defaults.LastBandHighMethod,
    "lastbandlow": defaults.LastBandLowMethod,
}


def scene(rng, dtype, bands, size, values):
    width, height = size
    if np.dtype(dtype).kind == "f":
        return rng.normal(values[0], values[1], (bands, height, width)).astype(dtype)
    return rng.integers(values[0], values[1], (bands, height, width)).astype(dtype)


def write(path, data, place, nodata=None, mask=None, alpha=False):
    column, row, width, height = place
    profile = {
        "driver": "GTiff", "dtype": data.dtype, "count": data.shape[0], "width": width, "height": height,
        "crs": "EPSG:32633", "transform": from_origin(WEST + column * PIXEL, NORTH - row * PIXEL, PIXEL, PIXEL),
        "nodata": nodata, "tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate",
        "interleave": "pixel",
    }
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile) as out:
        out.write(data)
        if mask is not None:
            out.write_mask(mask)
        if alpha:
            out.colorinterp = [ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha]


def cases():
    """Name, files, bands that are read."""
    rng = np.random.default_rng(14)

    def holes(shape, share):
        return rng.random(shape) < share

    def each(name, make):
        files = []
        for number, place in enumerate(PLACES):
            path = HERE / f"{name}_{number}.tif"
            make(path, place)
            files.append(path)
        return files

    def nodata_u8(path, place):
        data = scene(rng, "uint8", 3, place[2:], (1, 60))
        data[holes(data.shape, 0.15)] = 0
        # Where the last band has a hole, all have: rio-tiler compares what lies below a mask when the last band decides.
        data[2] = np.maximum(data[2], 1)
        data[:, holes(data.shape[1:], 0.15)] = 0
        write(path, data, place, nodata=0)

    def masked_u16(path, place):
        data = scene(rng, "uint16", 2, place[2:], (0, 60_000))
        write(path, data, place, mask=~holes(data.shape[1:], 0.3))

    def nan_f32(path, place):
        data = scene(rng, "float32", 2, place[2:], (1000.0, 20.0))
        data[:, holes(data.shape[1:], 0.3)] = np.nan
        write(path, data, place, nodata=np.nan)

    def nodata_i16(path, place):
        data = scene(rng, "int16", 2, place[2:], (-300, 300))
        data[:, holes(data.shape[1:], 0.3)] = -9999
        write(path, data, place, nodata=-9999)

    def rgba(path, place):
        data = scene(rng, "uint8", 4, place[2:], (0, 60))
        data[3] = np.where(holes(data.shape[1:], 0.3), 0, 255)
        write(path, data, place, alpha=True)

    yield "nodata_u8", each("nodata_u8", nodata_u8), (1, 2, 3)
    yield "masked_u16", each("masked_u16", masked_u16), (1, 2)
    yield "nan_f32", each("nan_f32", nan_f32), (1, 2)
    yield "nodata_i16", each("nodata_i16", nodata_i16), (2, 1)
    yield "rgba", each("rgba", rgba), (1, 2, 3)


def read(path, bands):
    bounds = (WEST, NORTH - HEIGHT * PIXEL, WEST + WIDTH * PIXEL, NORTH)
    with Reader(str(path)) as src:
        return src.part(bounds, bounds_crs=src.crs, dst_crs=src.crs, width=WIDTH, height=HEIGHT, indexes=bands)


def main():
    described, blob = [], bytearray()
    for name, files, bands in cases():
        for method, rule in METHODS.items():
            order = files[::-1] if method == "last" else files
            image, _ = mosaic_reader(order, read, bands, pixel_selection=rule, threads=0)
            data = np.ascontiguousarray(image.array.data)
            mask = np.ascontiguousarray(np.where(np.ma.getmaskarray(image.array), 0, 255).astype("uint8"))
            described.append({
                "case": name, "files": [file.name for file in files], "bands": bands, "method": method,
                "dtype": str(data.dtype), "shape": data.shape, "offset": len(blob),
            })
            blob += data.astype(data.dtype.newbyteorder("<")).tobytes() + mask.tobytes()
    (HERE / "mosaics.bin").write_bytes(blob)
    (HERE / "mosaics.json").write_text(json.dumps({
        "bounds": (WEST, NORTH - HEIGHT * PIXEL, WEST + WIDTH * PIXEL, NORTH),
        "size": (WIDTH, HEIGHT), "mosaics": described,
    }, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
