"""Writes `files/`: small TIFFs, each of which breaks one rule of a validator of Cloud Optimized GeoTIFF (its name begins with the
rule's id), and one that breaks none.

    python make.py

Nobody decodes them: a block is eight bytes of nothing. What rio-cogeo and GDAL say of them is in `rules.json`, which
`xtask/oracle/validate.py` wrote; it knows nothing of how a file was made.
"""

import pathlib
import struct

HERE = pathlib.Path(__file__).parent

SHORT, LONG, DOUBLE, ASCII, LONG8 = 3, 4, 12, 2, 16
SIZE = {SHORT: 2, LONG: 4, DOUBLE: 8, ASCII: 1, LONG8: 8}
LETTER = {SHORT: "H", LONG: "I", DOUBLE: "d", LONG8: "Q"}

GHOST = ("LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\nBLOCK_TRAILER=LAST_4_BYTES_REPEATED\n"
         "KNOWN_INCOMPATIBLE_EDITION=NO\n ")
MASKED = GHOST + "MASK_INTERLEAVED_WITH_IMAGERY=YES\n"
BLOCK = b"ABCDEFGH"

GEO = {33550: (DOUBLE, [30.0, 30.0, 0.0]), 33922: (DOUBLE, [0.0, 0.0, 0.0, 600000.0, 4500000.0, 0.0]),
       34735: (SHORT, [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633])}


class Image:
    """One IFD: `block` is a tile's width and height, or the rows of a strip."""

    def __init__(self, width, height, block=(256, 256), subfile=0, tags=None, compression=8, bits=8, photometric=1, bands=1,
                 planar=1, stored=None):
        self.width, self.height, self.block = width, height, block
        tiled = isinstance(block, tuple)
        block_width, block_height = block if tiled else (width, block)
        self.count = -(-width // block_width) * -(-height // block_height) * (bands if planar == 2 else 1)
        self.stored = stored or (lambda index: True)
        self.data = [BLOCK] * self.count
        self.order = list(range(self.count))
        self.tags = {254: (LONG, [subfile]), 256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [bits] * bands),
                     259: (SHORT, [compression]), 262: (SHORT, [photometric]), 277: (SHORT, [bands]), 284: (SHORT, [planar])}
        if tiled:
            self.tags |= {322: (SHORT, [block_width]), 323: (SHORT, [block_height])}
        else:
            self.tags |= {278: (SHORT, [block])}
        self.tables = (324, 325) if tiled else (273, 279)
        self.tags |= tags or {}
        self.offsets, self.counts = [0] * self.count, [0] * self.count
        self.leaders, self.trailers = {}, {}


def encoded(kind, values):
    return values if kind == ASCII else b"".join(struct.pack("<" + LETTER[kind], value) for value in values)


class File:
    """Places IFDs and blocks in any order, then writes them."""

    def __init__(self, images, ghost=GHOST, big=False):
        self.images, self.ghost, self.big = images, ghost, big
        self.at = 16 if big else 8
        self.pieces = {}
        self.ifds = {}
        self.frames = bool(ghost) and "BLOCK_LEADER" in ghost
        if ghost is not None:
            self.announce(ghost.encode("latin-1"))

    def announce(self, text):
        self.put(b"GDAL_STRUCTURAL_METADATA_SIZE=%06d bytes\n" % len(text) + text)
        self.align()

    def put(self, data):
        self.pieces[self.at] = data
        self.at += len(data)

    def align(self):
        self.at += self.at % 2

    def ifd(self, index):
        """Reserves the place of an IFD and its values."""
        self.align()
        image = self.images[index]
        self.ifds[index] = self.at
        kind = LONG8 if self.big else LONG
        image.tags |= {image.tables[0]: (kind, image.offsets), image.tables[1]: (LONG, image.counts)}
        self.at += len(self.ifd_bytes(index, self.at))

    def ifd_bytes(self, index, at):
        image = self.images[index]
        entry, word, count = (20, 8, "<Q") if self.big else (12, 4, "<H")
        behind = at + struct.calcsize(count) + entry * len(image.tags) + word
        entries, values = b"", b""
        for tag in sorted(image.tags):
            kind, numbers = image.tags[tag]
            data = encoded(kind, numbers)
            head = struct.pack("<HHQ" if self.big else "<HHI", tag, kind, len(data) // SIZE[kind])
            if len(data) > word:
                entries += head + struct.pack("<Q" if self.big else "<I", behind + len(values))
                values += data + b"\0" * (len(data) % 2)
            else:
                entries += head + data.ljust(word, b"\0")
        following = self.ifds.get(index + 1, 0)
        return struct.pack(count, len(image.tags)) + entries + struct.pack("<Q" if self.big else "<I", following) + values

    def block(self, image, index):
        if not image.stored(index):
            return
        data = image.data[index]
        if self.frames:
            self.put(image.leaders.get(index, struct.pack("<I", len(data))))
        image.offsets[index], image.counts[index] = self.at, len(data)
        self.put(data)
        if self.frames:
            self.put(image.trailers.get(index, data[-4:]))

    def blocks(self, index, mask=None, gap=b""):
        image = self.images[index]
        for number in image.order:
            self.block(image, number)
            if mask is not None:
                if gap:
                    self.put(gap)
                self.block(self.images[mask], number)

    def bytes(self):
        for index, at in self.ifds.items():
            self.pieces[at] = self.ifd_bytes(index, at)
        first = self.ifds[0]
        head = struct.pack("<2sHHHQ", b"II", 43, 8, 0, first) if self.big else struct.pack("<2sHI", b"II", 42, first)
        whole = bytearray(max(at + len(data) for at, data in self.pieces.items()))
        for at, data in {0: head, **self.pieces}.items():
            whole[at:at + len(data)] = data
        return bytes(whole)


def pyramid(**more):
    """An image of 700 × 600 pixels with two overviews."""
    return [Image(700, 600, tags=GEO, **more), Image(350, 300, subfile=1, **more), Image(175, 150, subfile=1, **more)]


def cog(images=None, ghost=GHOST, big=False):
    """As GDAL lays it out: IFDs, then blocks of the smallest overview first."""
    file = File(images or pyramid(), ghost, big)
    for index in range(len(file.images)):
        file.ifd(index)
    for index in reversed(range(len(file.images))):
        file.blocks(index)
    return file.bytes()


def placed(images, ifds, blocks, ghost=GHOST, before=b""):
    """IFDs and blocks in these orders."""
    file = File(images, ghost)
    if before:
        file.put(before)
    for index in ifds:
        file.ifd(index)
    for index in blocks:
        file.blocks(index)
    return file.bytes()


def masked(image=(256, 256), mask=(256, 256), gap=b"", ghost=MASKED):
    """An image of one level with a mask."""
    images = [Image(400, 200, image, tags=GEO), Image(400, 200, mask, subfile=4, bits=1, photometric=4)]
    file = File(images, ghost)
    file.ifd(0)
    file.ifd(1)
    if image == mask:
        file.blocks(0, mask=1, gap=gap)
    else:
        file.blocks(0)
        file.blocks(1)
    return file.bytes()


def with_overviews(*sizes, full=(700, 600), block=(256, 256), blocks=(256, 256), **more):
    return [Image(*full, block, tags=GEO, **more)] + [Image(*size, blocks, subfile=1, **more) for size in sizes]


def ifd_inside_ghost():
    """The IFD of the overview stands before that of the image, inside what GDAL's announcement covers."""
    images = with_overviews((350, 300))
    file = File(images, None)
    text = b"LAYOUT=IFDS_BEFORE_DATA\n"
    start = file.at + 43 + len(text)
    start += start % 2
    probe = File(with_overviews((350, 300)), None)
    probe.at = start
    probe.ifd(1)
    file.put(b"GDAL_STRUCTURAL_METADATA_SIZE=%06d bytes\n" % (probe.at - file.at - 43) + text)
    file.at = start
    file.ifd(1)
    file.ifd(0)
    file.blocks(1)
    file.blocks(0)
    return file.bytes()


def blocks_before_last_ifd():
    file = File(pyramid())
    file.ifd(0)
    file.ifd(1)
    file.blocks(2)
    file.ifd(2)
    file.blocks(1)
    file.blocks(0)
    return file.bytes()


def changed(change):
    images = pyramid()
    change(images[0])
    return cog(images)


def metadata(text):
    return {42112: (ASCII, text.encode() + b"\0")}


STATISTICS = '<GDALMetadata><Item name="STATISTICS_MEAN" sample="0">7</Item></GDALMetadata>\n'
KEYS_OF_ITS_OWN = [1, 1, 0, 5, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32767, 3075, 0, 1, 1, 2048, 0, 1, 4326]


def all_files():
    half = with_overviews((350, 300), (175, 150))
    half[2].tags |= {34735: GEO[34735]}
    without_scale = {tag: value for tag, value in GEO.items() if tag == 34735}
    without_scale[34264] = (DOUBLE, [30.0, 1.0, 0.0, 6e5, 1.0, -30.0, 0.0, 4.5e6, 0, 0, 0, 0, 0, 0, 0, 1])
    yield "valid", cog(pyramid())
    yield "valid_mask", masked()
    yield "valid_bare", cog(with_overviews((350, 300), (175, 150)), ghost=None)
    yield "R02", cog(pyramid())
    yield "R02.tif.ovr", cog(with_overviews((175, 150), full=(350, 300)), ghost=None)
    yield "R03_strips", cog([Image(700, 600, 64, tags=GEO)] + pyramid()[1:])
    yield "R03_one_column_of_tiles", cog([Image(512, 600, (512, 512), tags=GEO)] + [Image(256, 300, subfile=1), Image(128, 150, subfile=1)])
    yield "R04", cog([Image(700, 600, tags=GEO)])
    yield "R05", cog(ghost=GHOST + "X" * 200)
    yield "R06", cog(ghost=GHOST.replace("EDITION=NO\n ", "EDITION=YES\n"))
    yield "R07", cog(with_overviews((175, 150), (350, 300)))
    yield "R08", cog(with_overviews((700, 300), (350, 150)))
    yield "R09", ifd_inside_ghost()
    yield "R10", blocks_before_last_ifd()
    yield "R11", placed(pyramid(), [0, 1, 2], [1, 2, 0])
    yield "R12", placed(pyramid(), [0, 1, 2], [2, 0, 1])
    yield "R13", cog(with_overviews((600, 550), full=(1200, 1100), blocks=64))
    # It takes rows for columns: blocks 64 wide and 512 high, of which those at the left are not stored.
    yield "R12_not_found", placed(
        [Image(700, 600, (64, 512), tags=GEO, stored=lambda index: index % 11 >= 3), Image(350, 300, (64, 512), subfile=1)],
        [0, 1], [0, 1])
    yield "G03", cog([Image(1100, 300, 64, tags=GEO), Image(550, 150, subfile=1), Image(275, 75, subfile=1)])
    yield "G06", placed(pyramid(), [0, 1, 2], [2, 1, 0], ghost=None, before=b"\0" * 100)
    yield "G07", cog(with_overviews((350, 601), (175, 150)))
    yield "G08", cog(with_overviews((350, 300), (175, 301)))
    yield "G09", cog(with_overviews((1100, 300), full=(2200, 600), blocks=64) + [Image(550, 150, subfile=1)])
    yield "G11", placed(pyramid(), [0, 2, 1], [2, 1, 0])
    yield "G20", changed(lambda image: image.order.reverse())
    yield "G20_sparse", changed(lambda image: setattr(image, "stored", lambda index: index not in (0, 3)))
    yield "G21", changed(lambda image: image.leaders.update({4: struct.pack("<I", 7)}))
    yield "G21_beyond_the_end", cog()[:-40]
    yield "G22", changed(lambda image: image.trailers.update({4: b"WXYZ"}))
    yield "G22_short", changed(lambda image: image.data.__setitem__(4, b"ABC"))
    yield "G23", masked(mask=(128, 128))
    yield "G24", masked(gap=b"\0\0\0\0")
    yield "O02", cog(pyramid()[:2] + [Image(175, 150, 64, subfile=1)])
    yield "O03", cog([Image(250, 200)])
    yield "O04", cog([Image(250, 200, tags=without_scale)])
    yield "O05", cog(half)
    yield "O06", cog(with_overviews((350, 300), (350, 150)))
    yield "O07", cog(with_overviews((466, 400), (233, 200)))
    yield "O08", cog(with_overviews((350, 300)))
    yield "O09", cog(with_overviews((350, 300), (175, 150), block=(256, 128), blocks=(256, 128)))
    yield "O10", cog([Image(250, 200, (2048, 2048), tags=GEO)])
    yield "O21", cog(big=True)
    yield "O22", cog(pyramid(compression=1))
    yield "O24", cog(with_overviews((350, 300), (175, 150), block=(240, 240), blocks=(240, 240)))
    yield "A01", cog([Image(400, 300, tags=GEO | metadata(STATISTICS + " " * 17000))])
    yield "A04", cog([Image(400, 300, tags=GEO)])
    yield "A05", cog([Image(400, 300, bits=16, tags=GEO | metadata(STATISTICS))])
    yield "A07", cog(with_overviews((140, 120)))
    yield "A09", cog([Image(400, 300, bands=4, planar=2, tags=GEO | metadata(STATISTICS))])
    yield "A10", cog([Image(400, 300, compression=7, tags=GEO | metadata(STATISTICS) | {42113: (ASCII, b"0\0")})])
    yield "A11", masked(ghost=GHOST)
    yield "A12", cog([Image(400, 300, tags=GEO | metadata(STATISTICS) | {34735: (SHORT, KEYS_OF_ITS_OWN)})])
    yield "A13", cog([Image(400, 300, tags=GEO | metadata(STATISTICS), stored=lambda index: index > 0)])
    yield "A15", cog([Image(400, 300, photometric=3, tags=GEO | {320: (SHORT, [0] * 768)} | metadata(
        '<GDALMetadata><Item name="OVERVIEW_RESAMPLING">CUBIC</Item></GDALMetadata>'))])


def main():
    folder = HERE / "files"
    folder.mkdir(exist_ok=True)
    for name, data in all_files():
        path = folder / (name if name.endswith(".ovr") else f"{name}.tif")
        path.write_bytes(data)


if __name__ == "__main__":
    main()
