#!/usr/bin/env python3
"""Write the test files: small TIFFs of every kind the readers have to read, and a few that nobody can.

    python testdata/generate.py          writes testdata/files
    python testdata/expect.py            writes testdata/expected, what rasterio and tifffile read from them

Needs the packages of requirements.txt. The files are committed; this says how they were made.
"""

import os
import shutil
import struct
import sys
import zlib
from pathlib import Path

os.environ.update(GDAL_PAM_ENABLED="NO", GDAL_NUM_THREADS="1")

import numpy as np
import rasterio
import tifffile
from rasterio.enums import ColorInterp, Resampling
from rasterio.io import MemoryFile
from rasterio.shutil import copy as gdal_copy
from rasterio.transform import Affine, from_origin

import raw_tiff
from raw_tiff import DOUBLE, LONG, SHORT

FILES = Path(__file__).resolve().parent / "files"
UTM = from_origin(399960, 5300040, 10, 10)


def terrain(bands, height, width, dtype="uint8", seed=1):
    """(band, row, column): hills with fine grain, in a range that fills the type without reaching its ends."""
    rng = np.random.Generator(np.random.PCG64(seed))
    y, x = np.mgrid[0:height, 0:width] / 40.0
    planes = []
    for b in range(bands):
        hills = np.sin(x * (1 + b / 7) + b) * np.cos(y * 1.3 - b / 3) + 0.4 * np.sin(3.1 * x + 2.3 * y)
        planes.append(0.5 + 0.3 * hills + 0.02 * (rng.integers(0, 100, (height, width)) / 100 - 0.5))
    unit = np.clip(np.stack(planes), 0.02, 0.98)
    kind = np.dtype(dtype)
    if kind.kind == "c":
        return (unit * 100 + 1j * (unit[:, ::-1] * 50 - 20)).astype(kind)
    if kind.kind == "f":
        return (unit * 3000 - 100).astype(kind)
    info = np.iinfo(kind)
    span = min(info.max - info.min, 2**40)
    return (unit * span).astype("int64").astype(kind) if info.min == 0 else (unit * span + max(info.min, -(2**39))).astype(kind)


def hole(shape):
    """A wedge and a round hole of no data: True where the pixel is valid."""
    h, w = shape
    y, x = np.mgrid[0:h, 0:w]
    return (y + 2 * x > 40) & ((y - h * 0.6) ** 2 + (x - w * 0.55) ** 2 > (min(h, w) * 0.17) ** 2)


def gtiff(name, data, *, valid=None, crs="EPSG:32633", transform=UTM, nodata=None, before=None, overviews=None, **options):
    """One file by GDAL's GTiff driver. `valid` becomes an internal mask; `before(ds)` runs ahead of the pixels."""
    path = FILES / f"{name}.tif"
    n, h, w = data.shape
    dtype = options.pop("dtype", data.dtype.name)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        with rasterio.open(path, "w", driver="GTiff", width=w, height=h, count=n, dtype=dtype, crs=crs, transform=transform, nodata=nodata, **options) as ds:
            if before:
                before(ds)
            ds.write(data)
            if valid is not None:
                ds.write_mask(valid)
        if overviews:
            with rasterio.open(path, "r+") as ds:
                ds.build_overviews(overviews, Resampling.average)
    return path


def cog(name, data, *, valid=None, nodata=None, crs="EPSG:32633", transform=UTM, before=None, colorinterp=None, **options):
    """One file by GDAL's COG driver."""
    n, h, w = data.shape
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), MemoryFile() as memory:
        with memory.open(driver="GTiff", width=w, height=h, count=n, dtype=data.dtype.name, crs=crs, transform=transform, nodata=nodata,
                         **({"photometric": "RGB"} if n in (3, 4) and data.dtype == np.uint8 else {})) as ds:
            if before:
                before(ds)
            ds.write(data)
            if colorinterp:
                ds.colorinterp = colorinterp
            if valid is not None:
                ds.write_mask(valid)
        with memory.open() as ds:
            gdal_copy(ds, FILES / f"{name}.tif", driver="COG", **{"blocksize": 64, **options})


def codecs():
    """Each codec with the predictors and layouts it is met with."""
    tiles = dict(tiled=True, blockxsize=32, blockysize=48)
    gtiff("none_uint8_strips_short_last_strip", terrain(1, 75, 60), blockysize=16)
    gtiff("none_int16_be_planar_strips", terrain(3, 50, 37, "int16"), blockysize=13, interleave="band", endianness="BIG")
    gtiff("none_uint32_tiles_wider_than_image", terrain(1, 20, 25, "uint32"), tiled=True, blockxsize=64, blockysize=64)
    gtiff("lzw_p2_uint16_edge_tiles", terrain(1, 101, 75, "uint16"), compress="lzw", predictor=2, **tiles)
    gtiff("lzw_p2_uint8_rgb_be", terrain(3, 61, 75), compress="lzw", predictor=2, endianness="BIG", photometric="RGB", **tiles)
    gtiff("lzw_p3_float32_planar", terrain(2, 45, 50, "float32"), compress="lzw", predictor=3, interleave="band", **tiles)
    gtiff("lzw_uint8_strips", terrain(1, 75, 60), compress="lzw", blockysize=20)
    gtiff("deflate_p2_uint8_rgb", terrain(3, 80, 75), compress="deflate", predictor=2, photometric="RGB", **tiles)
    gtiff("deflate_p2_int16_5_bands_planar", terrain(5, 50, 45, "int16"), compress="deflate", predictor=2, interleave="band", **tiles)
    gtiff("deflate_p2_uint16_5_bands_be", terrain(5, 50, 45, "uint16"), compress="deflate", predictor=2, interleave="pixel", endianness="BIG", **tiles)
    gtiff("deflate_p2_uint32_be", terrain(1, 61, 75, "uint32"), compress="deflate", predictor=2, endianness="BIG", **tiles)
    gtiff("deflate_p2_int64", terrain(1, 50, 40, "int64"), compress="deflate", predictor=2, **tiles)
    gtiff("deflate_p3_float32_be_3_bands", terrain(3, 40, 45, "float32"), compress="deflate", predictor=3, interleave="pixel", endianness="BIG", **tiles)
    gtiff("deflate_p3_float64_strips", terrain(1, 50, 40, "float64"), compress="deflate", predictor=3, blockysize=16)
    gtiff("packbits_int8_strips", terrain(1, 75, 60, "int8"), compress="packbits", blockysize=16)
    gtiff("packbits_uint16_tiles", terrain(1, 61, 75, "uint16") // 4096, compress="packbits", **tiles)
    gtiff("zstd_p2_uint16", terrain(2, 61, 75, "uint16"), compress="zstd", predictor=2, interleave="pixel", **tiles)
    gtiff("zstd_p3_float32", terrain(1, 61, 75, "float32"), compress="zstd", predictor=3, **tiles)
    gtiff("webp_lossless_rgb", terrain(3, 90, 100), compress="webp", webp_lossless=True, tiled=True, blockxsize=64, blockysize=64)
    rgba = terrain(4, 90, 100)
    rgba[3, :64, :64] = 255  # the first tile is opaque: WebP leaves the alpha out of its stream
    gtiff("webp_lossless_rgba_opaque_tile", rgba, compress="webp", webp_lossless=True, tiled=True, blockxsize=64, blockysize=64, photometric="RGB", alpha="NON-PREMULTIPLIED")
    gtiff("webp_lossy_rgb", terrain(3, 90, 100), compress="webp", webp_level=75, tiled=True, blockxsize=64, blockysize=64)
    gtiff("jpeg_ycbcr_420_tiles", terrain(3, 90, 100), compress="jpeg", photometric="YCBCR", jpeg_quality=85, tiled=True, blockxsize=64, blockysize=48)
    gtiff("jpeg_gray_strips_short_last_strip", terrain(1, 75, 60), compress="jpeg", jpeg_quality=90, blockysize=32)
    gtiff("jpeg_rgb_photometric", terrain(3, 70, 64), compress="jpeg", photometric="RGB", jpeg_quality=90, tiled=True, blockxsize=64, blockysize=64)
    gtiff("jpeg_5_bands_planar", terrain(5, 50, 64), compress="jpeg", jpeg_quality=90, interleave="band", tiled=True, blockxsize=64, blockysize=64)
    # The number that Adobe reserved before deflate became 8.
    tifffile.imwrite(FILES / "deflate_32946_uint8.tif", terrain(1, 60, 70)[0], compression=32946, tile=(32, 32), metadata=None)
    tifffile.imwrite(FILES / "deflate_p3_float16_tiles.tif", terrain(1, 60, 70, "float16")[0], compression="zlib", predictor=3, tile=(32, 32), metadata=None)


def samples():
    """Sample types and interpretations."""
    tiles = dict(tiled=True, blockxsize=32, blockysize=32)
    bits = (terrain(1, 61, 75) > 130).astype("uint8")
    gtiff("bits1_strips", bits, nbits=1, blockysize=16)
    gtiff("bits1_white_is_zero_deflate_tiles", bits, nbits=1, photometric="MINISWHITE", compress="deflate", **tiles)
    gtiff("bits4_lzw_tiles", terrain(1, 61, 75) >> 4, nbits=4, compress="lzw", **tiles)
    gtiff("bits12_2_bands_deflate", terrain(2, 61, 75, "uint16") >> 4, nbits=12, compress="deflate", interleave="pixel", **tiles)
    gtiff("complex_int16_tiles", terrain(1, 40, 45, "complex64").round(), dtype="complex_int16", **tiles)
    gtiff("complex64_deflate", terrain(1, 40, 45, "complex64"), compress="deflate", **tiles)
    palette = {i: (255 - i * 7, i * 3, i * 5 % 256, 255) for i in range(32)}
    gtiff("palette_lzw", terrain(1, 61, 75) // 8, compress="lzw", before=lambda ds: ds.write_colormap(1, palette), **tiles)
    gtiff("uint64_beyond_double", terrain(1, 30, 40, "uint64") * 2**20 + 1, compress="deflate", **tiles)


def cogs():
    """GDAL's COG driver: ghost header, overviews, masks next to their tiles."""
    wide = terrain(3, 150, 170)
    cog("cog_deflate_p2_uint8_rgb", wide, compress="deflate", predictor=2)
    cog("cog_jpeg_mask_interleaved", wide, valid=hole((150, 170)), compress="jpeg", quality=80)
    cog("cog_deflate_uint16_mask", terrain(1, 140, 150, "uint16"), valid=hole((140, 150)), compress="deflate")
    rgba = np.concatenate([wide[:, :90, :110], np.where(hole((90, 110)), 255, 0).astype("uint8")[None]])
    rgba[3, 80:, :40] = 128
    cog("cog_lzw_rgba_alpha", rgba, compress="lzw", colorinterp=[ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha])
    levels = terrain(1, 120, 130, "int16")
    levels[0][~hole((120, 130))] = -9999
    cog("cog_lzw_p2_int16_nodata", levels, nodata=-9999, compress="lzw", predictor=2)
    heights = terrain(1, 100, 110, "float32")
    heights[0][~hole((100, 110))] = np.nan
    cog("cog_zstd_p3_float32_nodata_nan", heights, nodata=float("nan"), compress="zstd", predictor=3)
    sparse = np.zeros((1, 200, 200), "uint8")
    sparse[0, 64:128, 64:128] = terrain(1, 64, 64)[0]
    cog("cog_sparse_first_tile_missing", sparse, nodata=0, compress="deflate", sparse_ok=True)
    cog("cog_web_mercator", terrain(1, 150, 160), compress="deflate", blocksize=256, tiling_scheme="GoogleMapsCompatible")
    cog("cog_bigtiff_deflate", terrain(2, 80, 90, "uint16"), compress="deflate", bigtiff="YES")
    cog("cog_single_tile_wgs84", terrain(1, 64, 64, "int16"), crs="EPSG:4326", transform=from_origin(12.25, 48, 0.0002, 0.0002), compress="deflate")

    def described(ds):
        ds.update_tags(TITLE="Grüße, <test> & co", AREA_OR_POINT="Area")
        ds.update_tags(ns="SURVEY", SEASON="2025 summer")
        ds.update_tags(1, STATISTICS_MINIMUM="-1.5", STATISTICS_MAXIMUM="40.25")
        ds.scales, ds.offsets = (0.01, 0.5), (-273.15, 2.0)
        ds.units = ("degC", "m/s")
        ds.descriptions = ("temperature", "wind speed")

    cog("cog_scale_offset_units_descriptions", terrain(2, 70, 80, "int16"), before=described, compress="deflate")


def layouts():
    """Structures that are not the COG driver's."""
    tiles = dict(tiled=True, blockxsize=32, blockysize=32)
    gtiff("overviews_and_mask_by_gdaladdo", terrain(1, 101, 99), valid=hole((101, 99)), compress="deflate", overviews=[2, 4], **tiles)
    gtiff("bigtiff_be_lzw", terrain(1, 61, 75, "int16"), compress="lzw", bigtiff="YES", endianness="BIG", **tiles)

    def few_tiles(ds):
        ds.write(terrain(2, 32, 32, "int16"), window=((32, 64), (64, 96)))

    for name, nodata in (("sparse_nodata", -1), ("sparse_zero", None)):
        path = FILES / f"{name}.tif"
        with rasterio.open(path, "w", driver="GTiff", width=110, height=90, count=2, dtype="int16", crs="EPSG:32633", transform=UTM, nodata=nodata,
                           sparse_ok=True, compress="deflate", interleave="band", **tiles) as ds:
            few_tiles(ds)
    gtiff("pixel_is_point", terrain(1, 30, 40), before=lambda ds: ds.update_tags(AREA_OR_POINT="Point"))
    gtiff("rotated_model_transformation", terrain(1, 30, 40), transform=Affine(8.0, 3.0, 500000.0, 2.5, -9.0, 5300000.0))
    gtiff("no_georeference", terrain(1, 30, 40), crs=None, transform=None)
    gtiff("gdal_metadata_domains", terrain(1, 30, 40), before=lambda ds: (ds.update_tags(A="1", B="a=b;c"), ds.update_tags(1, note="of the band"), ds.update_tags(ns="X", k="v")))
    page = terrain(3, 48, 56, "uint16")
    with tifffile.TiffWriter(FILES / "pages_of_different_kinds.tif") as tif:
        tif.write(page[0], compression="zlib", tile=(16, 16), metadata=None)
        tif.write(page[1, :20, :30].astype("uint8"), rowsperstrip=7, metadata=None)
        tif.write(terrain(1, 25, 35, "float32")[0], metadata=None)
    full = terrain(1, 128, 112)[0]
    with tifffile.TiffWriter(FILES / "subifd_overviews.tif") as tif:
        tif.write(full, compression="zlib", tile=(32, 32), subifds=2, metadata=None)
        tif.write(full[::2, ::2], compression="zlib", tile=(32, 32), subfiletype=1, metadata=None)
        tif.write(full[::4, ::4], compression="zlib", tile=(32, 32), subfiletype=1, metadata=None)


def lzw_without_end_code(data):
    """TIFF LZW (TIFF 6.0, section 13) that stops after the last pixel's code, as some writers do."""
    codes, table, prefix = [(256, 9)], {bytes([i]): i for i in range(256)}, b""
    width, following = 9, 258
    for i in range(len(data)):
        byte = data[i : i + 1]
        if prefix + byte in table:
            prefix += byte
            continue
        codes.append((table[prefix], width))
        table[prefix + byte] = following
        following += 1
        prefix = byte
        if following == 4094:
            codes.append((256, width))
            table, width, following = {bytes([i]): i for i in range(256)}, 9, 258
        elif following + 1 > (1 << width) and width < 12:  # early change
            width += 1
    codes.append((table[prefix], width))
    bits = "".join(format(code, f"0{width}b") for code, width in codes)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def handmade():
    """Legal files that the libraries above do not write."""
    data = terrain(1, 60, 64)[0]
    blocks = [lzw_without_end_code(data[r : r + 20].tobytes()) for r in range(0, 60, 20)]
    body, offsets = b"", []
    for block in blocks:
        offsets.append(8 + len(body))
        body += block + b"\0" * (len(block) % 2)
    fields = raw_tiff.gray(64, 60, compression=5) + [(273, LONG, offsets), (278, LONG, 20), (279, LONG, [len(b) for b in blocks])]
    write("lzw_without_end_code.tif", raw_tiff.header("<", 8 + len(body)) + body + raw_tiff.ifd("<", fields, 8 + len(body)))

    # Data first, IFD last, 48 KiB in between: what a streaming writer leaves.
    tall = terrain(1, 200, 250)[0]
    offsets = [8 + 250 * 50 * i for i in range(4)]
    fields = raw_tiff.gray(250, 200) + [(273, LONG, offsets), (278, LONG, 50), (279, LONG, [12500] * 4),
                                        (33550, DOUBLE, [10.0, 10.0, 0.0]), (33922, DOUBLE, [0.0, 0.0, 0.0, 399960.0, 5300040.0, 0.0]),
                                        (34735, SHORT, [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633])]
    write("ifd_at_the_tail.tif", raw_tiff.header("<", 8 + tall.size) + tall.tobytes() + raw_tiff.ifd("<", fields, 8 + tall.size))

    # The fewest tags: every other one takes its TIFF 6.0 default (1 bit, no compression, one strip).
    rows = np.packbits(terrain(1, 20, 19)[0] > 130, axis=1).tobytes()
    fields = [(256, SHORT, 19), (257, SHORT, 20), (262, SHORT, 1), (273, LONG, 8), (279, LONG, len(rows))]
    write("fewest_tags_be.tif", raw_tiff.header(">", 8 + len(rows)) + rows + raw_tiff.ifd(">", fields, 8 + len(rows)))

    # RowsPerStrip 2^32 - 1 (one strip), sizes as LONG, an unknown private tag of an unknown field type.
    small = terrain(1, 21, 33, "uint16")[0]
    fields = raw_tiff.gray(33, 21, bits=16) + [(273, LONG, 8), (278, LONG, 2**32 - 1), (279, LONG, small.nbytes), (65000, 99, (1, b"\0\0\0\0"))]
    write("rows_per_strip_max_unknown_field_type.tif", raw_tiff.header(">", 8 + small.nbytes) + small.astype(">u2").tobytes() + raw_tiff.ifd(">", fields, 8 + small.nbytes))

    # FillOrder 2: bits of each byte reversed.
    flipped = np.packbits(np.unpackbits(data[:, :, None], axis=2)[:, :, ::-1], axis=2).tobytes()
    fields = raw_tiff.gray(64, 60) + [(266, SHORT, 2), (273, LONG, 8), (278, LONG, 60), (279, LONG, len(flipped))]
    write("fill_order_2.tif", raw_tiff.header("<", 8 + len(flipped)) + flipped + raw_tiff.ifd("<", fields, 8 + len(flipped)))


def write(name, data):
    (FILES / name).write_bytes(data)


def malformed():
    """Nobody can read these, and none may bring a reader down."""
    def bad(name, data):
        write(f"malformed/{name}.tif", data)

    bad("empty", b"")
    bad("three_bytes", b"II*")
    bad("not_a_tiff", b"\x89PNG\r\n\x1a\n" + bytes(range(200)))
    bad("text", b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>\n")
    good = (FILES / "cog_single_tile_wgs84.tif").read_bytes()
    bad("truncated_in_the_ifd", good[:260])
    bad("truncated_in_the_tiles", good[: len(good) * 2 // 3])
    bad("first_ifd_past_the_end", good[:4] + struct.pack("<I", 0xFFFFFF00) + good[8:])
    image = raw_tiff.gray(64, 64) + [(273, LONG, 400), (278, LONG, 64), (279, LONG, 4096)]
    bad("ifd_chain_loops", raw_tiff.header("<", 8) + raw_tiff.ifd("<", image, 8, next_ifd=8).ljust(392, b"\0") + bytes(4096))
    bad("entry_count_65535", raw_tiff.header("<", 8) + raw_tiff.ifd("<", image, 8, count=65535).ljust(392, b"\0") + bytes(4096))
    tiles = [(322, LONG, 16), (323, LONG, 16)]
    huge = raw_tiff.gray(0xFFFFFFFF, 0xFFFFFFFF) + tiles + [(324, LONG, (0xFFFFFFFF, b"\0\0\1\0\0")), (325, LONG, (0xFFFFFFFF, b"\0\0\1\0\0"))]
    bad("four_billion_squared_with_huge_tables", raw_tiff.header("<", 8) + raw_tiff.ifd("<", huge, 8))
    wide = raw_tiff.gray(1 << 20, 1 << 20, bits=64) + [(273, LONG, 8), (278, LONG, 1 << 20), (279, LONG, 100)]
    bad("eight_terabytes_in_one_strip", raw_tiff.header("<", 8) + raw_tiff.ifd("<", wide, 8))
    zero = raw_tiff.gray(64, 64) + [(322, LONG, 0), (323, LONG, 16), (324, LONG, 8), (325, LONG, 256)]
    bad("tile_width_0", raw_tiff.header("<", 8) + raw_tiff.ifd("<", zero, 8))
    many = [f for f in raw_tiff.gray(1000, 1000) if f[0] != 277] + [(277, SHORT, 65535), (273, LONG, 8), (278, LONG, 1000), (279, LONG, 100)]
    bad("sixty_five_thousand_bands", raw_tiff.header("<", 8) + raw_tiff.ifd("<", many, 8))
    # A number that nobody has given a meaning, and a codec that neither GDAL nor we have.
    for name, code in (("compression_54712", 54712), ("compression_34934_jpeg_xr", 34934)):
        unknown = raw_tiff.gray(16, 16, compression=code) + [(273, LONG, 8), (278, LONG, 16), (279, LONG, 100)]
        bad(name, raw_tiff.header("<", 8) + raw_tiff.ifd("<", unknown, 8))
    past = raw_tiff.gray(16, 16) + [(273, LONG, 0x7FFFFFFF), (278, LONG, 16), (279, LONG, 256)]
    bad("strip_past_the_end", raw_tiff.header("<", 8) + raw_tiff.ifd("<", past, 8))
    junk = bytes((i * 37 + 11) % 256 for i in range(500))
    for name, code in (("deflate", 8), ("lzw", 5), ("zstd", 50000), ("webp", 50001), ("jpeg", 7)):
        fields = raw_tiff.gray(64, 64, compression=code) + [(273, LONG, 8), (278, LONG, 64), (279, LONG, len(junk))]
        if name == "webp":
            fields = [f for f in fields if f[0] not in (258, 277, 262)] + [(258, SHORT, [8, 8, 8]), (277, SHORT, 3), (262, SHORT, 2)]
        bad(f"{name}_of_junk", raw_tiff.header("<", 8 + len(junk)) + junk + raw_tiff.ifd("<", fields, 8 + len(junk)))
    bomb = zlib.compress(bytes(16 << 20), 9)
    fields = raw_tiff.gray(64, 64, compression=8) + [(273, LONG, 8), (278, LONG, 64), (279, LONG, len(bomb))]
    bad("deflate_bomb", raw_tiff.header("<", 8 + len(bomb)) + bomb + raw_tiff.ifd("<", fields, 8 + len(bomb)))


def main():
    shutil.rmtree(FILES, ignore_errors=True)
    (FILES / "malformed").mkdir(parents=True)
    for part in (codecs, samples, cogs, layouts, handmade, malformed):
        part()
    for aside in FILES.rglob("*.aux.xml"):
        aside.unlink()
    sizes = [p.stat().st_size for p in FILES.rglob("*.tif")]
    print(f"{len(sizes)} files, {sum(sizes)} bytes, largest {max(sizes)}")


if __name__ == "__main__":
    sys.exit(main())
