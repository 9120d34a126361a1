# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures that valisectl saves, read without a library."""
import struct
import zlib


def png_colours(path):
    """How many different colours a PNG has (8-bit RGB or RGBA, not interlaced: what gdk-pixbuf writes)."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG"
    at, body, header = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        chunk = data[at + 8:at + 8 + length]
        header = struct.unpack(">IIBBBBB", chunk) if kind == b"IHDR" else header
        body += chunk if kind == b"IDAT" else b""
        at += 12 + length
    width, height, _, colour = header[:4]
    step = 4 if colour == 6 else 3
    lines, raw, before = [], zlib.decompress(body), bytearray(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        kind, line = raw[start], bytearray(raw[start + 1:start + 1 + width * step])
        for i in range(len(line)):
            left = line[i - step] if i >= step else 0
            up, corner = before[i], before[i - step] if i >= step else 0
            if kind == 1:
                add = left
            elif kind == 2:
                add = up
            elif kind == 3:
                add = (left + up) // 2
            elif kind == 4:
                guess = left + up - corner
                add = min((left, up, corner), key=lambda v: abs(guess - v))
            else:
                add = 0
            line[i] = (line[i] + add) & 255
        lines.append(bytes(line))
        before = line
    return len({line[i:i + step] for line in lines for i in range(0, len(line), step)}), (width, height), lines
