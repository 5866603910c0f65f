#!/usr/bin/env python3
"""Write images with files beside them (.ovr, .msk, .aux.xml), and expected.json: what rasterio (GDAL) reads of them.

    python testdata/side_cars/make.py

Needs the packages of ../requirements.txt. The files are committed; this says how they were made.
"""

import ctypes
import hashlib
import json
import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_origin

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 150, 100
METHODS = ["nearest", "bilinear", "cubic", "average", "lanczos"]
SHAPES = [(100, 150), (50, 75), (25, 38), (33, 50), (14, 22), (160, 240)]
warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)


def image(bands, dtype="uint8"):
    rng = np.random.Generator(np.random.PCG64(7))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [120 + 90 * np.sin(x / (9 + b)) * np.cos(y / (13 - b)) + rng.integers(0, 20, x.shape) for b in range(bands)]
    return np.stack(planes).astype(dtype)


def mask():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.where(((x - 60) ** 2 + (y - 40) ** 2 < 700) | (x + y < 30), 0, 255).astype("uint8")


def profile(bands, dtype="uint8", **more):
    return dict(driver="GTiff", width=WIDTH, height=HEIGHT, count=bands, dtype=dtype, compress="deflate", crs="EPSG:32633",
                transform=from_origin(400000, 5000000, 10, 10), tiled=True, blockxsize=64, blockysize=64, **more)


def write(name, data, *, external=None, internal=None, overviews=None, aux=None, **more):
    path = HERE / f"{name}.tif"
    for old in HERE.glob(f"{name}.tif*"):
        old.unlink()
    inside = external is None
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=inside, GDAL_PAM_ENABLED="NO"):
        with rasterio.open(path, "w", **profile(len(data), data.dtype.name, **more)) as d:
            d.write(data)
            if external is not None or internal is not None:
                d.write_mask(internal if inside else external)
        if overviews == "internal":
            with rasterio.open(path, "r+") as d:
                d.build_overviews([2], Resampling.average)
        elif overviews:
            build_beside(path, overviews)
    if aux:
        Path(f"{path}.aux.xml").write_text(aux)
    return path


def build_beside(path, factors):
    """rasterio opens for writing only, which puts overviews inside: GDAL itself does it read-only."""
    gdal = ctypes.CDLL(str(next((Path(rasterio.__file__).parent.parent / "rasterio.libs").glob("libgdal*"))))
    pointer, number = ctypes.c_void_p, ctypes.c_int
    gdal.GDALOpen.restype, gdal.GDALOpen.argtypes = pointer, [ctypes.c_char_p, number]
    gdal.GDALBuildOverviews.argtypes = [pointer, ctypes.c_char_p, number, ctypes.POINTER(number), number] + [pointer] * 3
    gdal.GDALClose.argtypes = [pointer]
    gdal.GDALAllRegister()
    gdal.CPLSetConfigOption(b"COMPRESS_OVERVIEW", b"DEFLATE")
    dataset = gdal.GDALOpen(str(path).encode(), 0)
    if gdal.GDALBuildOverviews(dataset, b"AVERAGE", len(factors), (number * len(factors))(*factors), 0, None, None, None):
        sys.exit(f"{path}: no overviews")
    gdal.GDALClose(dataset)


AUX = """<PAMDataset>
  <SRS dataAxisToSRSAxisMapping="2,1">GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]</SRS>
  <GeoTransform>  1.0000000000000000e+01,  2.5e-01,  0.0000000000000000e+00,  5.0e+01,  0.0000000000000000e+00, -2.5e-01</GeoTransform>
  <Metadata><MDI key="A">beside &amp; &lt;x&gt;</MDI><MDI key="C">beside</MDI><MDI key="AREA_OR_POINT">Point</MDI></Metadata>
  <Metadata domain="DOMAIN"><MDI key="L">beside</MDI></Metadata>
  <PAMRasterBand band="1">
    <Description>red light</Description>
    <NoDataValue le_hex_equiv="0000000000405E40">1.21000000000000E+02</NoDataValue>
    <UnitType>ft</UnitType>
    <Offset>7</Offset>
    <Scale>3</Scale>
    <ColorInterp>Red</ColorInterp>
    <Histograms><HistItem><HistMin>-0.5</HistMin><HistMax>255.5</HistMax><BucketCount>2</BucketCount><IncludeOutOfRange>1</IncludeOutOfRange><Approximate>0</Approximate><HistCounts>4|6</HistCounts></HistItem></Histograms>
    <Metadata><MDI key="STATISTICS_MAXIMUM">222</MDI><MDI key="STATISTICS_MEAN">9.5</MDI></Metadata>
  </PAMRasterBand>
</PAMDataset>
"""
GCPS = """<PAMDataset>
  <GCPList Projection="EPSG:4326"><GCP Id="1" Pixel="0.5" Line="1.5" X="10" Y="50" Z="3"/><GCP Id="2" Pixel="30" Line="0" X="11" Y="50"/><GCP Id="3" Pixel="0" Line="20" X="10" Y="49"/></GCPList>
</PAMDataset>
"""


def make():
    write("all", image(1), external=mask(), overviews=[2, 4])
    # Overviews beside it, but none of the mask.
    write("mask_without_overviews", image(3), external=mask(), overviews=[2, 4], photometric="rgb")
    (HERE / "mask_without_overviews.tif.msk.ovr").unlink()
    # What lies beside a file that has its own is not used.
    own = write("own", image(1), internal=mask()[::-1].copy(), overviews="internal")
    shutil.copy(HERE / "all.tif.msk", f"{own}.msk")
    shutil.copy(HERE / "all.tif.ovr", f"{own}.ovr")
    # A mask counts more than nodata.
    write("nodata_and_mask", image(1), external=mask(), nodata=121)
    write("nodata_and_mask_of_3_bands", image(3), external=mask(), nodata=121)
    write("described", image(2, "int16"), aux=AUX, nodata=130)
    with rasterio.Env(GDAL_PAM_ENABLED="NO"), rasterio.open(HERE / "described.tif", "r+") as d:
        d.scales, d.offsets, d.units, d.descriptions = (2.0,) * 2, (5.0,) * 2, ("m",) * 2, ("one", "two")
        d.update_tags(A="inside", B="inside")
        d.update_tags(1, STATISTICS_MAXIMUM="111", X="inside")
        d.update_tags(ns="DOMAIN", K="inside")
    path = write("points", image(1))
    with rasterio.open(path, "w", **{k: v for k, v in profile(1).items() if k not in ("crs", "transform")}) as d:
        d.write(image(1))
    Path(f"{path}.aux.xml").write_text(GCPS)
    # Neither is used: a mask that does not say what it is, and a text that is none of GDAL's.
    path = write("strangers", image(1), aux="<html>no such page</html>")
    with rasterio.open(f"{path}.msk", "w", driver="GTiff", width=WIDTH, height=HEIGHT, count=1, dtype="uint8") as d:
        d.write(mask(), 1)
    Path(f"{path}.ovr").write_text("<html>no such page</html>")


def sha(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def describe(path):
    with rasterio.open(path) as d:
        reads = []
        for rows, columns in SHAPES:
            for method in METHODS:
                how = dict(resampling=Resampling[method])
                pixels = d.read(out_shape=(d.count, rows, columns), **how)
                masked = d.dataset_mask(out_shape=(rows, columns), **how)
                reads.append(dict(shape=[rows, columns], resampling=method, sha256=sha(pixels),
                                  mask_sha256=sha(np.where(masked > 0, 255, 0).astype("uint8"))))
        namespaces = [""] + [n for n in d.tag_namespaces() if n not in ("IMAGE_STRUCTURE", "DERIVED_SUBDATASETS")]
        return dict(
            epsg=d.crs.to_epsg() if d.crs else None,
            transform=list(d.transform)[:6],
            nodata=[None if v is None else float(v) for v in d.nodatavals],
            scales=list(d.scales), offsets=list(d.offsets), units=list(d.units), descriptions=list(d.descriptions),
            colorinterp=[c.name for c in d.colorinterp],
            mask_flags=[[f.name for f in flags] for flags in d.mask_flag_enums],
            overviews=d.overviews(1),
            tags={n: d.tags(ns=n or None) for n in namespaces},
            band_tags=[d.tags(b) for b in d.indexes],
            gcps=[[g.col, g.row, g.x, g.y, g.z] for g in d.gcps[0]],
            reads=reads,
        )


if __name__ == "__main__":
    make()
    expected = {path.stem: describe(path) for path in sorted(HERE.glob("*.tif"))}
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(f"{len(expected)} images, GDAL {rasterio.__gdal_version__}")
