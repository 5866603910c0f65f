#!/usr/bin/env python3
"""Write the fixtures beside this script: encoded blocks with the samples other software reads from them.

    pip install imagecodecs tifffile numpy rasterio
    python make_blocks.py

A file is a run of records; a record is four byte strings, each after its length (32 bits, little-endian): a header of
key=value lines, JPEG tables, the compressed bytes, the samples expected (native little-endian, chunky).  Expected
values are the arrays that were written (lossless codecs), what libjpeg-turbo, libwebp, libjxl, OpenJPEG and Lerc
decode (through imagecodecs), or what GDAL reads (colours).
"""
import io, os, struct
import imagecodecs, numpy, rasterio, tifffile
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
                photometric=6, max=4, mean=0.35)
        out.add(f'YCbCr {sub} raw', src, imagecodecs.jpeg8_decode(src, outcolorspace='YCBCR'), width=45, height=37,
                samples=3, compression=7, photometric=6, raw=1, max=2, mean=0.25)
    src = imagecodecs.jpeg8_encode(rgb, level=90, colorspace='RGB', outcolorspace='RGB')
    want = imagecodecs.jpeg8_decode(src, colorspace='RGB', outcolorspace='RGB')
    out.add('RGB', src, want, width=45, height=37, samples=3, compression=7, photometric=2, max=1, mean=0.05)
    out.add('RGB, fewer rows than the stream', src, want[:20], width=45, height=20, samples=3, compression=7,
            photometric=2, max=1, mean=0.05)
    src = imagecodecs.jpeg8_encode(rgb[..., 0].copy(), level=90)
    out.add('gray', src, imagecodecs.jpeg8_decode(src), width=45, height=37, samples=1, compression=7, max=1, mean=0.05)
    cmyk = numpy.dstack([rgb, 255 - rgb[..., :1]])
    src = imagecodecs.jpeg8_encode(cmyk, level=90, colorspace='CMYK', outcolorspace='CMYK')
    want = imagecodecs.jpeg8_decode(src, colorspace='CMYK', outcolorspace='CMYK')
    out.add('CMYK raw', src, want, width=45, height=37, samples=4, compression=7, photometric=5, raw=1, max=1, mean=0.05)
    return out


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


for make in (matrix, jpeg, pictures, colours, packed):
    make().save(make.__name__ + '.blocks')
