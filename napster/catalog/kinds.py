"""Which kind of content a file is, told by its extension."""

_EXTENSIONS = {
    b"audio": b"aac ac3 aif aifc aiff amr ape au caf dff dsf dts flac it kar m4a m4b mid midi mka "
    b"mod mp1 mp2 mp3 mpc mpp oga ogg opus ra rm s3m shn snd spx tta voc wav wma wv xm",
    b"video": b"3g2 3gp asf avi divx dv f4v flv h264 hevc m1v m2ts m2v m4v mkv mov mp4 mpe mpeg "
    b"mpg mts mxf ogm ogv qt rmvb ts vob webm wmv",
    b"image": b"ai arw avif bmp cdr cr2 dng eps gif heic heif ico jfif jp2 jpe jpeg jpg jxl nef "
    b"pcx pgm png pnm ppm psd raw svg tga tif tiff webp xcf",
    b"text": b"asc azw azw3 bib chm conf csv diz doc docx epub fb2 htm html ini json log lrc md "
    b"mobi nfo odp ods odt pdf ppt pptx ps rst rtf sfv srt sub tex toml tsv txt vtt xls xlsx "
    b"xml yaml yml",
    b"application": b"7z ace apk appimage arj bat bin bz2 cab cmd com cue deb dll dmg exe flatpak "
    b"gz img iso jar lha lz lzh lzma mdf mds msi nrg pkg py rar rom rpm sh sit sitx snap tar tbz "
    b"tgz txz xz z zip zst",
}
_KINDS = {ext: frozenset({kind}) for kind, exts in _EXTENSIONS.items() for ext in exts.split()}
_KINDS[b"mp3"] = frozenset({b"mp3", b"audio"})
_NO_KIND: frozenset[bytes] = frozenset()

KINDS = frozenset({b"mp3", *_EXTENSIONS})
"""What a search may ask for; `mp3` is a part of `audio`."""


def extension(path: bytes) -> bytes:
    """Return what follows the last dot of the file's name, in lower case; empty without a dot."""
    name = path.replace(b"/", b"\\").rpartition(b"\\")[2]
    _stem, dot, after = name.rpartition(b".")
    return after.lower() if dot else b""


def kinds_of(path: bytes) -> frozenset[bytes]:
    """Return the kinds a file is of, some of `KINDS`."""
    return _KINDS.get(extension(path), _NO_KIND)
