"""Looks at a picture in a process of its own, since its file may be made to break who opens it.

It is run by its path, so that nothing but the picture library is loaded: pictures.py FILE FOLDER WHAT. What
it found is JSON on its output: `width`, `height`, `format`, `exif` and `thumbnails`, or a `problem`.
"""

import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF")
# A picture of a good camera has 24 million pixels; each may take four bytes here, and again while it shrinks.
PIXELS = 50_000_000
SIZES = {"thumb": 150, "small": 300, "medium": 600, "large": 1200}
QUALITY = 85
# Modes that are shrunk as they are; the colours of the others are looked up first.
SHRUNK = ("RGB", "RGBA", "L", "LA", "CMYK", "YCbCr")
# Memory, seconds of work, and what a file that is written may have.
ROOM, SECONDS, WRITTEN = 1_200_000_000, 60, 20_000_000
# What is told of how a picture was made; where it was taken is its owner's business.
TOLD = (
    "Make",
    "Model",
    "Software",
    "DateTime",
    "DateTimeOriginal",
    "Artist",
    "Copyright",
    "ImageDescription",
    "Orientation",
)
TEXT = 200
# How a picture is turned that was held in one of these ways.
TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def bounded() -> None:
    """Lets this process take no more than a picture needs."""
    # At the first bound it is ended by a signal of its own, which tells it from a machine without room.
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))


def look(path: Path, folder: Path, wanted: bool) -> dict[str, Any]:
    """What a picture says of itself, with its thumbnails in the folder."""
    Image.MAX_IMAGE_PIXELS = PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(path, formats=FORMATS) as picture:
            width, height = picture.size
            told = {"width": width, "height": height, "format": (picture.format or "").lower()}
            told["exif"] = exif(picture)
            if not wanted:
                return {**told, "thumbnails": []}
            picture.draft("RGB", (SIZES["large"], SIZES["large"]))
            return {**told, "thumbnails": thumbnails(picture, max(width, height), folder)}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"problem": f"The picture has more than {PIXELS // 1_000_000} million pixels."}
    except MemoryError:
        return {"problem": "The picture takes more memory than it may."}
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        ArithmeticError,
        LookupError,
        TypeError,
    ):
        # The library raises what its decoders happen to meet in a broken file.
        return {"problem": "The picture is broken, or of a kind that nobody here can read."}


def exif(picture: Image.Image) -> dict[str, str]:
    """What the camera wrote."""
    found = picture.getexif()
    values = {**found, **found.get_ifd(ExifTags.IFD.Exif)}
    named = {ExifTags.TAGS.get(number, ""): value for number, value in values.items()}
    told = {name: plain(named[name]) for name in TOLD if name in named}
    return {name: text for name, text in told.items() if text}


def plain(value: object) -> str:
    """A value as text that can be shown and stored."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "".join(each for each in text if each.isprintable()).strip()[:TEXT]


def thumbnails(picture: Image.Image, longest: int, folder: Path) -> list[dict[str, Any]]:
    """The thumbnails that are smaller than the picture itself, largest first made and smallest first told."""
    if picture.mode in SHRUNK and "transparency" not in picture.info:
        # First of all, since whatever is done to a large picture takes as much memory again.
        picture.thumbnail((SIZES["large"], SIZES["large"]), Image.Resampling.LANCZOS)
    smaller = opaque(upright(picture))
    made = []
    for name, size in reversed(SIZES.items()):
        if size >= longest:
            continue
        smaller.thumbnail((size, size), Image.Resampling.LANCZOS)
        path = folder / f"{name}.jpg"
        smaller.save(path, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        made.append(
            {"name": name, "width": smaller.width, "height": smaller.height, "size": path.stat().st_size}
        )
    return made[::-1]


def upright(picture: Image.Image) -> Image.Image:
    """The picture as it was held, whatever else the camera wrote.

    The library's own way writes all of that anew, and breaks where a camera wrote it oddly.
    """
    held = picture.getexif().get(ExifTags.Base.Orientation)
    way = TURNED.get(held) if isinstance(held, int) else None
    return picture if way is None else picture.transpose(way)


def opaque(picture: Image.Image) -> Image.Image:
    """The picture in the colours of JPEG, on white where one sees through it."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        white = Image.new("RGB", seen.size, "white")
        white.paste(seen, mask=seen.getchannel("A"))
        return white
    return picture.convert("RGB")


if __name__ == "__main__":
    bounded()
    print(json.dumps(look(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "thumbnails")))
