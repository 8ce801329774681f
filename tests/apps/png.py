"""Reads the pixels of a PNG: 8 bits a channel, not interlaced, as browsers write them."""
import struct
import zlib


def paeth(left, above, corner):
    guess = left + above - corner
    to_left, to_above, to_corner = abs(guess - left), abs(guess - above), abs(guess - corner)
    if to_left <= to_above and to_left <= to_corner:
        return left
    return above if to_above <= to_corner else corner


class Image:
    """Pixels by (x, y), as (red, green, blue)."""

    def __init__(self, path):
        data = path.read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n"), f"{path} is not a PNG"
        packed, at = b"", 8
        while at < len(data):
            length, kind = struct.unpack(">I4s", data[at : at + 8])
            body = data[at + 8 : at + 8 + length]
            if kind == b"IHDR":
                self.width, self.height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", body)
                assert (depth, interlaced) == (8, 0) and color in (2, 6)
                self.channels = 3 if color == 2 else 4
            elif kind == b"IDAT":
                packed += body
            at += 12 + length
        self.rows = list(self._unfilter(zlib.decompress(packed)))

    def _unfilter(self, raw):
        step, stride = self.channels, self.width * self.channels
        above = bytearray(stride)
        for y in range(self.height):
            kind = raw[y * (stride + 1)]
            row = bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
            for i in range(stride):
                left = row[i - step] if i >= step else 0
                corner = above[i - step] if i >= step else 0
                predicted = (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[kind]
                row[i] = (row[i] + predicted) & 0xFF
            above = row
            yield bytes(row)

    def pixel(self, x, y):
        at = x * self.channels
        return tuple(self.rows[y][at : at + 3])
