#!/usr/bin/env python3
"""Write the fixtures beside this script: encoded blocks with the samples other software reads from them.

    pip install imagecodecs tifffile numpy pillow rasterio
    python make_blocks.py

A file is a run of records; a record is four byte strings, each after its length (32 bits, little-endian): a header of
key=value lines, JPEG tables, the compressed bytes, the samples expected (native little-endian, chunky).  Expected
values are the arrays that were written (lossless codecs), what libjpeg-turbo, libwebp, libjxl, OpenJPEG and Lerc
decode (through imagecodecs), or what GDAL reads (colours).
"""
import io, os, struct
import imagecodecs, numpy, rasterio, tifffile
from PIL import Image
from rasterio.io import MemoryFile

HERE = os.path.dirname(os.path.abspath(__file__))
RNG = numpy.random.default_rng(42)


class Blocks(list):
    def add(self, name, src, expected, tables=b'', **head):
        head = '\n'.join(f'{k}={v}' for k, v in dict(name=name, **head).items()).encode()
        for part in (head, tables, bytes(src), expected.tobytes()):
            self.append(struct.pack('<I', len(part)) + part)

    def save(self, name):
        with open(os.path.join(HERE, name), 'wb') as f:
            f.write(b''.join(self))


def texture(height, width, samples, dtype):
    y, x, s = numpy.mgrid[0:height, 0:width, 0:samples]
    a = 40 + 30 * numpy.sin(x / 5 + s) * numpy.cos(y / 4) + 20 * s + RNG.integers(0, 3, (height, width, samples))
    if numpy.dtype(dtype).kind == 'c':
        return (a + 1j * a[::-1]).astype(dtype)
    if numpy.dtype(dtype).kind == 'f':
        return (a / 7).astype(dtype)
    if numpy.dtype(dtype).kind == 'u' and numpy.dtype(dtype).itemsize > 1:
        return (a * 301).astype(dtype)
    return a.astype(dtype) * (-1 if numpy.dtype(dtype).kind == 'i' else 1)


FORMAT = {'u': 1, 'i': 2, 'f': 3, 'c': 6}


def matrix():
    """Compression x predictor x type x samples x byte order, written by tifffile."""
    out = Blocks()
    for dtype in ('u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'u8', 'i8', 'f2', 'f4', 'f8', 'c8'):
        for order in '<>':
            for samples in (1, 3, 5):
                for compression, predictor in ((1, 1), (5, 2), (8, 2), (8, 3), (50000, 2), (5, 3), (32773, 1), (34925, 2)):
                    kind, size = dtype[0], int(dtype[1])
                    if predictor == 3 and kind != 'f' or predictor == 2 and kind in 'fc':
                        continue
                    if (samples, order) == (5, '<') and compression != 8:
                        continue
                    a = texture(3, 7, samples, dtype)
                    f = io.BytesIO()
                    tifffile.imwrite(f, a if samples > 1 else a[..., 0], byteorder=order, compression=compression,
                                     predictor=predictor, photometric='minisblack', planarconfig='contig' if samples > 1 else None,
                                     rowsperstrip=3, metadata=None)
                    f.seek(0)
                    with tifffile.TiffFile(f) as t:
                        page = t.pages[0]
                        f.seek(page.dataoffsets[0])
                        src = f.read(page.databytecounts[0])
                    out.add(f'{dtype} {order} x{samples} compression {compression} predictor {predictor}', src,
                            a.astype('<f4' if dtype == 'f2' else '<' + dtype), width=7, height=3, samples=samples,
                            bits=8 * size, format=FORMAT[kind], compression=compression, predictor=predictor,
                            big=int(order == '>'))
    return out


def jpeg():
    out = Blocks()
    rgb = numpy.repeat(numpy.repeat(RNG.integers(0, 255, (4, 5, 3)), 10, 0), 10, 1)[:37, :45]
    rgb = (rgb + texture(37, 45, 3, 'u1')).clip(0, 255).astype('u1')
    for sub in ('444', '422', '420', '411'):
        src = imagecodecs.jpeg8_encode(rgb, level=85, colorspace='RGB', outcolorspace='YCBCR', subsampling=sub)
        out.add(f'YCbCr {sub}', src, imagecodecs.jpeg8_decode(src), width=45, height=37, samples=3, compression=7,
                photometric=6)
        out.add(f'YCbCr {sub} raw', src, imagecodecs.jpeg8_decode(src, outcolorspace='YCBCR'), width=45, height=37,
                samples=3, compression=7, photometric=6, raw=1)
    src = imagecodecs.jpeg8_encode(rgb, level=90, colorspace='RGB', outcolorspace='RGB')
    want = imagecodecs.jpeg8_decode(src, colorspace='RGB', outcolorspace='RGB')
    out.add('RGB', src, want, width=45, height=37, samples=3, compression=7, photometric=2)
    out.add('RGB, fewer rows than the stream', src, want[:20], width=45, height=20, samples=3, compression=7,
            photometric=2)
    src = imagecodecs.jpeg8_encode(rgb[..., 0].copy(), level=90)
    out.add('gray', src, imagecodecs.jpeg8_decode(src), width=45, height=37, samples=1, compression=7)
    cmyk = numpy.dstack([rgb, 255 - rgb[..., :1]])
    src = imagecodecs.jpeg8_encode(cmyk, level=90, colorspace='CMYK', outcolorspace='CMYK')
    want = imagecodecs.jpeg8_decode(src, colorspace='CMYK', outcolorspace='CMYK')
    out.add('CMYK raw', src, want, width=45, height=37, samples=4, compression=7, photometric=5, raw=1)
    return out


def jpeg_kinds():
    """Progressive streams, restart markers, other sampling factors and sizes that no block divides."""
    out = Blocks()
    RNG.bit_generator.state = numpy.random.default_rng(43).bit_generator.state

    def add(name, src, height, width, samples, photometric=1, **decode):
        want = imagecodecs.jpeg8_decode(src, **decode)
        assert len(src) < 3000 and want.shape[:2] == (height, width), (name, len(src), want.shape)
        out.add(name, src, want, width=width, height=height, samples=samples, compression=7, photometric=photometric)

    def pillow(name, height, width, samples=3, **options):
        a = texture(height, width, samples, 'u1')
        f = io.BytesIO()
        Image.fromarray(a if samples > 1 else a[..., 0]).save(f, 'jpeg', quality=70, **options)
        add(name, f.getvalue(), height, width, samples, 6 if samples == 3 else 1)

    for subsampling in ('4:2:0', '4:2:2', '4:4:4'):
        pillow(f'progressive {subsampling}', 37, 45, progressive=True, subsampling=subsampling)
    pillow('progressive gray', 37, 45, 1, progressive=True)
    pillow('progressive 4:2:0 with restarts', 37, 45, progressive=True, subsampling='4:2:0', restart_marker_blocks=2)
    pillow('restarts each 2 MCUs', 37, 67, subsampling='4:2:0', restart_marker_blocks=2)
    pillow('restarts each row', 37, 45, subsampling='4:4:4', restart_marker_rows=1)
    pillow('own Huffman tables', 41, 50, subsampling='4:2:0', optimize=True)
    for height, width in ((1, 1), (9, 2), (17, 3), (2, 33)):
        for subsampling in ('4:2:0', '4:2:2'):
            pillow(f'{subsampling} of {width} x {height}', height, width, subsampling=subsampling)
    pillow('progressive 4:2:0 of 2 x 9', 9, 2, subsampling='4:2:0', progressive=True)
    for subsampling in ('440', '411'):
        for height, width in ((23, 45), (17, 3)):
            a = texture(height, width, 3, 'u1')
            src = imagecodecs.jpeg8_encode(a, level=70, colorspace='RGB', outcolorspace='YCBCR', subsampling=subsampling)
            add(f'YCbCr {subsampling} of {width} x {height}', src, height, width, 3, 6)
    ycbcr = dict(colorspace='YCBCR', outcolorspace='YCBCR')
    for factors in ('31 11 11', '13 11 11', '32 11 31', '42 11 11', '21 11 12', '14 11 11'):
        factors = [tuple(map(int, f)) for f in factors.split()]
        add(f'factors {factors}', noise(21, 50, factors), 21, 50, 3, **ycbcr)
    add('factors and restarts', noise(21, 50, [(2, 2), (1, 1), (1, 1)], restart=1), 21, 50, 3, **ycbcr)
    for factors in ([(1, 1)] * 3, [(2, 2), (1, 1), (1, 1)], [(2, 1), (1, 2), (1, 1)]):
        add(f'a scan each {factors}', noise(21, 35, factors, [[0], [1], [2]], restart=3), 21, 35, 3, **ycbcr)
    add('two scans', noise(21, 35, [(2, 1), (1, 1), (1, 1)], [[0], [1, 2]]), 21, 35, 3, **ycbcr)
    add('two bands', noise(21, 35, [(1, 1)] * 2), 21, 35, 2)
    add('two bands, restarts', noise(21, 35, [(1, 1)] * 2, restart=4), 21, 35, 2)
    return out


def noise(height, width, factors, scans=None, restart=0):
    """A sequential stream of random coefficients, for layouts that no encoder at hand writes."""
    segment = lambda marker, body: struct.pack('>BBH', 255, marker, len(body) + 2) + bytes(body)
    symbols = [run << 4 | size for run in range(16) for size in range(1, 7)] + [0, 0xf0]
    out = b'\xff\xd8' + segment(0xdb, [0] + [3 + i // 4 for i in range(64)])
    out += segment(0xc4, [0] + [0] * 3 + [8] + [0] * 12 + list(range(8)))
    out += segment(0xc4, [16] + [0] * 7 + [len(symbols)] + [0] * 8 + symbols)
    if restart:
        out += segment(0xdd, struct.pack('>H', restart))
    frame = b''.join(bytes([i + 1, h << 4 | v, 0]) for i, (h, v) in enumerate(factors))
    out += segment(0xc0, struct.pack('>BHHB', 8, height, width, len(factors)) + frame)
    across, down = (max(f[axis] for f in factors) for axis in (0, 1))
    ceil = lambda a, b: -(-a // b)

    def number(value):
        size = abs(value).bit_length()
        return size, format(value if value > 0 else value + (1 << size) - 1, f'0{size}b') if size else ''

    for scan in scans or [range(len(factors))]:
        out += segment(0xda, [len(scan)] + [b for i in scan for b in (i + 1, 0)] + [0, 63, 0])
        units = ceil(width, 8 * across) * ceil(height, 8 * down)
        blocks = [i for i in scan for _ in range(factors[i][0] * factors[i][1])]
        if len(scan) == 1:
            (h, v), blocks = factors[scan[0]], scan
            units = ceil(ceil(width * h, across), 8) * ceil(ceil(height * v, down), 8)
        bits, last = '', {}
        for unit in range(units + 1):
            if unit == units or restart and unit and unit % restart == 0:
                bits += '1' * (-len(bits) % 8)
                out += int(bits, 2).to_bytes(len(bits) // 8, 'big').replace(b'\xff', b'\xff\0')
                if unit == units:
                    break
                out += bytes([255, 0xd0 + (unit // restart - 1) % 8])
                bits, last = '', {}
            for i in blocks:
                dc = int(RNG.integers(-60, 61))
                size, value = number(dc - last.get(i, 0))
                last[i] = dc
                bits += format(size, '04b') + value
                for run in RNG.integers(0, 16, 3):
                    size, value = number(int(RNG.choice([-1, 1]) * RNG.integers(1, 17)))
                    bits += format(symbols.index(int(run) << 4 | size), '08b') + value
                bits += format(symbols.index(0), '08b')
    return out + b'\xff\xd9'


def pictures():
    """WebP, JPEG XL, JPEG 2000, LERC."""
    out = Blocks()
    for samples in (3, 4):
        a = texture(19, 23, samples, 'u1')
        for lossless in (True, False):
            src = imagecodecs.webp_encode(a, level=None if lossless else 75, lossless=lossless)
            out.add(f'WebP x{samples} lossless {lossless}', src, imagecodecs.webp_decode(src), width=23, height=19,
                    samples=samples, compression=50001)
    src = imagecodecs.webp_encode(texture(19, 23, 3, 'u1'), lossless=True)
    a = imagecodecs.webp_decode(src)
    out.add('WebP, opaque alpha dropped', src, numpy.dstack([a, numpy.full_like(a[..., :1], 255)]), width=23, height=19,
            samples=4, compression=50001)
    for dtype, samples in (('u1', 1), ('u1', 3), ('u2', 1), ('u2', 3), ('f4', 1), ('u1', 4)):
        a = texture(19, 23, samples, dtype)
        head = dict(width=23, height=19, samples=samples, bits=8 * a.itemsize, format=FORMAT[dtype[0]])
        a = a if samples > 1 else a[..., 0]
        src = imagecodecs.jpegxl_encode(a, lossless=True)
        out.add(f'JPEG XL {dtype} x{samples}', src, a, compression=50002, **head)
        if dtype != 'f4' and samples != 4:
            src = imagecodecs.jpeg2k_encode(a, reversible=True, level=0, codecformat='J2K')
            out.add(f'JPEG 2000 {dtype} x{samples}', src, a, compression=34712, **head)
    for dtype in ('i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'f4', 'f8'):
        a = texture(19, 23, 1, dtype)[..., 0]
        head = dict(width=23, height=19, samples=1, bits=8 * a.itemsize, format=FORMAT[dtype[0]], compression=34887)
        src = imagecodecs.lerc_encode(a)
        out.add(f'LERC {dtype}', src, a, **head)
        out.add(f'LERC {dtype} in deflate', imagecodecs.zlib_encode(src), a, lerc='4,1', **head)
        out.add(f'LERC {dtype} in ZSTD', imagecodecs.zstd_encode(src), a, lerc='4,2', **head)
    a = texture(19, 23, 3, 'u1')
    out.add('LERC u1 x3', imagecodecs.lerc_encode(a, planar=False), a, width=23, height=19, samples=3, compression=34887)
    a = texture(19, 23, 1, 'f4')[..., 0]
    mask = numpy.ones(a.shape, bool)
    mask[3:7, 2:9] = False
    src = imagecodecs.lerc_encode(a, masks=mask)
    a[~mask] = numpy.nan
    out.add('LERC f4 with a mask', src, a, width=23, height=19, samples=1, bits=32, format=3, compression=34887,
            masked=int((~mask).sum()))
    return out


def colours():
    """Stored pixels as GDAL shows them."""
    out = Blocks()
    for photometric, samples, extra in (('separated', 4, {}), ('cielab', 3, {}), ('ycbcr', 3, dict(subsampling=(1, 1)))):
        a = RNG.integers(0, 256, (16, 32, samples)).astype('u1')
        f = io.BytesIO()
        tifffile.imwrite(f, a, photometric=photometric, metadata=None, **extra)
        with MemoryFile(f.getvalue()) as m, m.open() as d:
            want = numpy.ascontiguousarray(d.read().transpose(1, 2, 0))
        number = dict(separated=5, cielab=8, ycbcr=6)[photometric]
        head = dict(width=32, height=16, samples=samples, compression=1, photometric=number, subsampling='1,1')
        out.add(f'{photometric} as GDAL {rasterio.__gdal_version__}', a.tobytes(), want, **head)
        out.add(f'{photometric} raw', a.tobytes(), a, raw=1, **head)
    return out


def packed():
    out = Blocks()
    for bits in (1, 2, 4, 6, 7, 10, 12, 14):
        a = RNG.integers(0, 2 ** bits, (4, 13)).astype('u1' if bits <= 8 else '<u2')
        src = b''.join(imagecodecs.packints_encode(row, bits) for row in a)
        head = dict(width=13, height=4, samples=1, bits=bits)
        out.add(f'{bits} bits', src, a, **head)
        out.add(f'{bits} bits, FillOrder 2', imagecodecs.bitorder_encode(src), a, fill=2, **head)
    a = (RNG.standard_normal((4, 13)) * 100).astype('<f4')
    src = imagecodecs.float24_encode(a)
    out.add('24-bit floats', src, numpy.frombuffer(imagecodecs.float24_decode(src).tobytes(), '<f4'), width=13, height=4,
            samples=1, bits=24, format=3)
    re, im = RNG.integers(-30000, 30000, (2, 4, 13))
    src = numpy.stack([re, im], -1)
    for order in '<>':
        out.add(f'complex 16-bit integers {order}', src.astype(order + 'i2').tobytes(), (re + 1j * im).astype('<c8'),
                width=13, height=4, samples=1, bits=32, format=5, big=int(order == '>'))
    return out


for make in (matrix, jpeg, pictures, colours, packed, jpeg_kinds):
    make().save(make.__name__ + '.blocks')
