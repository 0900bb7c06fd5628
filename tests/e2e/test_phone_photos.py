"""Photos of phones are painted from their base image, and paintings claim nothing that they do not have."""

import pytest
from PIL import Image
from support import raw_files as raw

XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:Container="http://ns.google.com/photos/1.0/container/" hdrgm:Version="1.0" xmp:Rating="4"
 xmlns:Item="http://ns.google.com/photos/1.0/container/item/"
 xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"
 GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1">
<Container:Directory><rdf:Seq>
<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap"/></rdf:li>
</rdf:Seq></Container:Directory></rdf:Description></rdf:RDF></x:xmpmeta>"""
CLAIMS = (b"hdrgm", b"gain-map", b"GainMap", b"Directory", b"MotionPhoto", b"MPF\0", b"SEFT", b"21496")


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif", "heic"])
def test_ultra_hdr_motion_photo_is_painted_from_its_base_image(bench, ending):
    iso = b"urn:iso:std:iso:ts:21496:-1\0\0\0\0"
    segment = b"\xff\xe2" + (len(iso) + 2).to_bytes(2, "big") + iso
    base = raw.jpeg(64, 48, "red", xmp=XMP, extra=segment)
    (bench / "in.jpg").write_bytes(base + raw.jpeg(16, 12, "lime") + b"ftypmp42MotionPhoto_DataSEFT")
    said = bench.painted("in.jpg", "-o", f"out.{ending}").err
    assert "'in.jpg': painted from its base image, without its gain map and motion clip." in said
    data = (bench / f"out.{ending}").read_bytes()
    assert b'xmp:Rating="4"' in data
    assert [claim for claim in CLAIMS if claim in data] == []


def test_photo_of_several_images_comes_out_as_one(bench):
    first, second = Image.new("RGB", (64, 48), "red"), Image.new("RGB", (32, 24), "lime")
    first.save(bench / "in.jpg", "MPO", save_all=True, append_images=[second])
    assert b"MPF\0" in (bench / "in.jpg").read_bytes()
    bench.painted("in.jpg", "-o", "out.jpg")
    assert b"MPF\0" not in (bench / "out.jpg").read_bytes()
    with Image.open(bench / "out.jpg") as made:
        assert (made.format, made.size) == ("JPEG", (64, 48))
        assert made.getpixel((5, 5))[0] > 240
