"""Writes the verdicts of rio-cogeo and of GDAL's validator, for the tests of cog-validate.

    python validate.py rio-cogeo FOLDER OUT.json
    python3 validate.py gdal FOLDER OUT.json

The first wants rio-cogeo (7.0.4 with rasterio 1.4.4: GDAL 3.10.3), the second `python3-gdal` of Debian (GDAL 3.6.2) for
`osgeo_utils.samples.validate_cloud_optimized_geotiff`, which is asked for its full check. Each adds its verdicts to OUT.json: an
object for each file, by its path below FOLDER, with one for each tool: `rules`, how many messages of each rule (its ids are those
of cog-validate), or `failed`, the kind of exception that ended the check; `codec` where that build of GDAL lacks what decodes the
file. A file is valid where no rule counts but the warnings R04 and G04.

Every file is checked in a process of its own, with 60 seconds and 4 GiB: some are made to harm their reader.
"""

import collections
import json
import multiprocessing
import os
import pathlib
import re
import resource
import sys

SECONDS = 60
ADDRESS_SPACE = 4 << 30

RIO_COGEO = {
    "R01": r"The file is not a GeoTIFF",
    "R02": r"Overviews found in external \.ovr",
    "R03": r"The file is greater than 512xH or 512xW, but is not tiled",
    "R04": r"The file is greater than 512xH or 512xW, it is recommended",
    "R05": r"The offset of the main IFD should be < 300",
    "R06": r"This file used to have optimizations",
    "R07": r"Overviews should be sorted",
    "R08": r"Invalid Decimation",
    "R09": r"The offset of the IFD for overview",
    "R10": r"The offset of the first block of the (smallest overview|image) should be after its IFD",
    "R11": r"The offset of the first block of overview of index",
    "R12": r"The offset of the first block of the main resolution",
    "R13": r"Overview of index \d+ is not tiled",
}

GDAL = {
    "G02": r"Overviews found in external \.ovr",
    "G03": r"The file is greater than 512xH or Wx512, but is not tiled",
    "G04": r"The file is greater than 512xH or Wx512, it is recommended",
    "G05": r"KNOWN_INCOMPATIBLE_EDITION=YES is declared",
    "G06": r"The offset of the main IFD should be",
    "G07": r"First overview has larger dimension",
    "G08": r"Overview of index \d+ has larger dimension",
    "G09": r"Overview of index \d+ is not tiled",
    "G10": r"The offset of the IFD for overview of index 0 ",
    "G11": r"The offset of the IFD for overview of index ",
    "G12": r"The offset of the first block of the (smallest overview|image) should be after its IFD",
    "G13": r"The offset of the first block of overview of index",
    "G14": r"The offset of the first block of the main resolution",
    "G20": r".*: offset of block \(\d+, \d+\) is smaller than previous block",
    "G21": r".*: for block \(\d+, \d+\), size in leader bytes is",
    "G22": r".*: for block \(\d+, \d+\), trailer bytes are invalid",
    "G23": r".*: mask block size is different",
    "G24": r"Mask of .*: for block \(\d+, \d+\), offset is \d+, whereas \d+ was expected",
}


def rio_cogeo(path):
    from rio_cogeo.cogeo import cog_validate

    valid, errors, warnings = cog_validate(path, quiet=True)
    assert valid == (not errors)
    return errors + warnings


def gdal(path):
    from osgeo_utils.samples.validate_cloud_optimized_geotiff import validate

    warnings, errors, _ = validate(path, full_check=True)
    return errors + warnings


TOOLS = {"rio-cogeo": ("rio_cogeo", rio_cogeo, RIO_COGEO), "gdal": ("gdal", gdal, GDAL)}


def counted(messages, patterns):
    """How many messages there are of each rule; the first pattern that fits counts."""
    rules = collections.Counter()
    for message in messages:
        rules[next(rule for rule, pattern in patterns.items() if re.match(pattern, message))] += 1
    return dict(sorted(rules.items()))


def check(check, patterns, path, pipe):
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    for descriptor in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    try:
        answer = {"rules": counted(check(path), patterns)}
    except Exception as error:  # noqa: BLE001: whatever ends the tool is an answer
        codec = "missing codec" in str(error) or "Old-JPEG compression only" in str(error)
        answer = {"failed": "codec" if codec else type(error).__name__}
    pipe.send(answer)


def verdict(context, tool, patterns, path):
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=check, args=(tool, patterns, path, theirs))
    child.start()
    theirs.close()
    try:
        answer = ours.recv() if ours.poll(SECONDS) else {"failed": "time limit"}
    except EOFError:
        answer = {"failed": "crash"}
    child.kill()
    child.join()
    return answer


def main():
    name, tool, patterns = TOOLS[sys.argv[1]]
    folder, out = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    # What a child would import is imported once.
    if name == "gdal":
        import osgeo_utils.samples.validate_cloud_optimized_geotiff  # noqa: F401
    else:
        import rio_cogeo.cogeo  # noqa: F401
    context = multiprocessing.get_context("fork")
    verdicts = json.loads(out.read_text()) if out.exists() else {}
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".tif", ".tiff"))
    for path in files:
        verdicts.setdefault(str(path.relative_to(folder)), {})[name] = verdict(context, tool, patterns, str(path))
    lines = (f"{json.dumps(path)}: {json.dumps(verdicts[path], sort_keys=True)}" for path in sorted(verdicts))
    out.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
