//! Files that lie, files that are cut, files that do something, and what is left of those that are kept.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use proptest::prelude::*;

use super::*;

/// A JPEG of these sides; `more` stands between its head and its frame.
fn jpeg(width: u16, height: u16, more: &[u8]) -> Vec<u8> {
    let mut file = b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
    file.extend_from_slice(more);
    file.extend_from_slice(b"\xFF\xC0\x00\x0B\x08");
    file.extend_from_slice(&height.to_be_bytes());
    file.extend_from_slice(&width.to_be_bytes());
    file.extend_from_slice(
        b"\x01\x01\x11\0\xFF\xDA\x00\x08\x01\x01\0\0\x3F\0\x12\xFF\x00\x34\xFF\xD0\x56\xFF\xD9",
    );
    file
}

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap();
    [&[0xFF, marker], &length.to_be_bytes()[..], data].concat()
}

/// Exif of a telephone: lies on its side, and knows the place.
fn exif() -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend_from_slice(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
    tiff.extend_from_slice(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0");
    tiff.extend_from_slice(b"\0\0\0\0 GPS 30.2741 N 120.1551 E");
    segment(0xE1, &[b"Exif\0\0", &tiff[..]].concat())
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    let mut sum = Crc::new();
    sum.update(&body);
    [
        &u32::try_from(data.len()).unwrap().to_be_bytes()[..],
        &body,
        &sum.sum().to_be_bytes(),
    ]
    .concat()
}

fn png(width: u32, height: u32, more: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    head.extend_from_slice(&width.to_be_bytes());
    head.extend_from_slice(&height.to_be_bytes());
    head.extend_from_slice(&[8, 0, 0, 0, 0]);
    [
        b"\x89PNG\r\n\x1A\n".to_vec(),
        chunk(b"IHDR", &head),
        more.to_vec(),
        chunk(b"IDAT", b"\x78\x9C\x63\0\0\0\x02\0\x01"),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn riff(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let pad = vec![0; data.len() % 2];
    [&kind[..], &length.to_le_bytes(), data, &pad].concat()
}

fn webp(parts: &[Vec<u8>]) -> Vec<u8> {
    let body = parts.concat();
    let size = u32::try_from(body.len() + 4).unwrap();
    [b"RIFF", &size.to_le_bytes()[..], b"WEBP", &body].concat()
}

fn lossless() -> Vec<u8> {
    riff(b"VP8L", b"\x2F\x01\x40\0\0\0\0")
}

fn pdf(objects: &[u8]) -> Vec<u8> {
    [
        b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
        objects,
        b"\nxref\n0 1\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n",
    ]
    .concat()
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let mut object = format!("7 0 obj\n<< {dictionary} /Length {} >>\nstream\n", data.len()).into_bytes();
    object.extend_from_slice(data);
    object.extend_from_slice(b"\nendstream\nendobj\n");
    object
}

fn refusal(name: &str, bytes: &[u8]) -> Option<Refusal> {
    inspect(name, bytes).err()
}

fn lies(ending: &str, is: MediaType) -> Option<Refusal> {
    let ending = ending.to_owned();
    Some(Refusal::Lies { ending, is })
}

#[test]
fn the_content_decides_and_the_name_must_agree() {
    let html = b"<!doctype html><script>alert(1)</script>";
    let zip = b"PK\x03\x04\x14\0\0\0\x08\0 a zip archive";
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    for (name, bytes, expected) in [
        ("photo.jpg", jpeg(4, 3, b""), None),
        ("photo.JPEG", jpeg(4, 3, b""), None),
        ("photo.png", png(4, 3, b""), None),
        ("photo.webp", webp(&[lossless()]), None),
        ("letter.pdf", pdf(b""), None),
        ("no ending", pdf(b""), None),
        ("a.photo", jpeg(4, 3, b""), lies("photo", MediaType::Jpeg)),
        ("photo.pdf", png(4, 3, b""), lies("pdf", MediaType::Png)),
        ("photo.png", jpeg(4, 3, b""), lies("png", MediaType::Jpeg)),
        ("page.html", jpeg(4, 3, b""), lies("html", MediaType::Jpeg)),
        ("photo.svg", png(4, 3, b""), lies("svg", MediaType::Png)),
        ("setup.exe", pdf(b""), lies("exe", MediaType::Pdf)),
        ("photo.jpg", html.to_vec(), Some(Refusal::Unknown)),
        ("photo.svg", b"<svg onload='x'/>".to_vec(), Some(Refusal::Unknown)),
        ("letter.pdf", zip.to_vec(), Some(Refusal::Unknown)),
        ("letter.pdf", b"just text".to_vec(), Some(Refusal::Unknown)),
        (
            "moving.gif",
            b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(),
            Some(Refusal::Unknown),
        ),
        ("IMG_1.heic", heic.to_vec(), Some(Refusal::Heic)),
        ("IMG_1.jpg", heic.to_vec(), Some(Refusal::Heic)),
        ("empty.jpg", Vec::new(), Some(Refusal::Empty)),
        ("large.jpg", vec![0xFF; MAX_BYTES + 1], Some(Refusal::TooLarge)),
        // The first bytes alone make no picture.
        ("photo.jpg", b"\xFF\xD8\xFF\xE0".to_vec(), Some(Refusal::Damaged)),
        ("photo.png", b"\x89PNG\r\n\x1A\n".to_vec(), Some(Refusal::Damaged)),
        (
            "photo.webp",
            b"RIFF\x04\0\0\0WEBP".to_vec(),
            Some(Refusal::Damaged),
        ),
        ("letter.pdf", b"%PDF-1.7\n".to_vec(), Some(Refusal::Damaged)),
        (
            "photo.jpg",
            [&b"\xFF\xD8\xFF"[..], html].concat(),
            Some(Refusal::Damaged),
        ),
        (
            "photo.png",
            [&b"\x89PNG\r\n\x1A\n"[..], html].concat(),
            Some(Refusal::Damaged),
        ),
    ] {
        assert_eq!(
            refusal(name, &bytes),
            expected,
            "{name} {:?}",
            &bytes[..bytes.len().min(12)]
        );
    }
}

#[test]
fn a_cut_file_is_refused_wherever_it_is_cut() {
    for (name, whole) in [
        ("a.jpg", jpeg(4, 3, &exif())),
        ("a.png", png(4, 3, b"")),
        ("a.webp", webp(&[lossless()])),
        ("a.pdf", pdf(b"")),
    ] {
        assert_eq!(refusal(name, &whole), None, "{name}");
        for end in 16..whole.len() - 6 {
            assert_eq!(
                refusal(name, &whole[..end]),
                Some(Refusal::Damaged),
                "{name} cut at {end}"
            );
        }
    }
}

#[test]
fn a_small_file_cannot_claim_a_picture_that_fills_a_memory() {
    let extended = |side: u32| {
        let less = (side - 1).to_le_bytes();
        let data = [&[0, 0, 0, 0][..], &less[..3], &less[..3]].concat();
        webp(&[riff(b"VP8X", &data), lossless()])
    };
    let too_many = Some(Refusal::TooManyPixels);
    for (name, bytes, expected) in [
        ("a.jpg", jpeg(10_000, 10_000, b""), None),
        ("a.jpg", jpeg(10_001, 10_000, b""), too_many.clone()),
        ("a.jpg", jpeg(60_000, 1, b""), too_many.clone()),
        ("a.jpg", jpeg(0, 5, b""), Some(Refusal::Damaged)),
        ("a.png", png(2_000_000_000, 2_000_000_000, b""), too_many.clone()),
        ("a.png", png(5, 0, b""), Some(Refusal::Damaged)),
        ("a.webp", extended(10_000), None),
        ("a.webp", extended(16_000_000), too_many),
    ] {
        assert_eq!(refusal(name, &bytes), expected, "{name} {:?}", &bytes[..12]);
    }
}

#[test]
fn of_a_photo_the_picture_is_kept_and_the_place_is_not() {
    let more = [
        exif(),
        segment(0xFE, b"a comment"),
        segment(0xED, b"Photoshop 3.0\0 city"),
        segment(0xE2, b"MPF\0 more"),
    ]
    .concat();
    let kept = inspect("a.jpg", &jpeg(4, 3, &more)).unwrap().content;
    for gone in [&b"GPS"[..], b"a comment", b"Photoshop", b"MPF"] {
        assert!(!kept.windows(gone.len()).any(|piece| piece == gone));
    }
    // Which side is up stays: the picture would lie on its side without it.
    assert_eq!(&kept[..10], b"\xFF\xD8\xFF\xE1\x00\x22Exif");
    assert_eq!(
        inspect("a.jpg", &kept).unwrap().content,
        kept,
        "nothing more to take out"
    );
    let colours = segment(0xE2, b"ICC_PROFILE\0\x01\x01 colours");
    assert_eq!(
        inspect("a.jpg", &jpeg(4, 3, &colours)).unwrap().content,
        jpeg(4, 3, &colours)
    );

    let texts = [
        chunk(b"tEXt", b"Place\0Hangzhou"),
        chunk(b"eXIf", b"II*\0 GPS"),
        chunk(b"tIME", b"1234567"),
    ]
    .concat();
    assert_eq!(
        inspect("a.png", &png(4, 3, &texts)).unwrap().content,
        png(4, 3, b"")
    );
    assert_eq!(
        refusal("a.png", &png(4, 3, &chunk(b"EVIL", b""))),
        Some(Refusal::Damaged),
        "a chunk that every reader must know"
    );

    let head = |flags: u8| riff(b"VP8X", &[flags, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    let tells = [
        head(0x2C),
        lossless(),
        riff(b"EXIF", b"II*\0 GPS"),
        riff(b"XMP ", b"<x:xmpmeta>"),
    ];
    assert_eq!(
        inspect("a.webp", &webp(&tells)).unwrap().content,
        webp(&[head(0x20), lossless()])
    );
}

#[test]
fn what_hangs_behind_the_end_is_not_kept() {
    for tail in [
        &b"<script>alert(1)</script>"[..],
        b"PK\x03\x04 an archive",
        b"%PDF-1.7 another file",
    ] {
        for (name, whole) in [
            ("a.jpg", jpeg(4, 3, b"")),
            ("a.png", png(4, 3, b"")),
            ("a.webp", webp(&[lossless()])),
        ] {
            let both = [&whole[..], tail].concat();
            assert_eq!(inspect(name, &both).unwrap().content, whole, "{name}");
        }
        assert_eq!(
            refusal("a.pdf", &[&pdf(b"")[..], tail].concat()),
            Some(Refusal::Damaged)
        );
    }
    // A file of one kind in a part of another.
    let hidden = segment(0xFE, b"%PDF-1.7 /JavaScript");
    assert_eq!(
        inspect("a.jpg", &jpeg(4, 3, &hidden)).unwrap().content,
        jpeg(4, 3, b"")
    );
}

#[test]
fn a_pdf_that_does_something_is_refused_however_it_spells_it() {
    let packed = |names: &[u8]| stream("/Type /ObjStm /N 1 /Filter /FlateDecode", &deflated(names));
    for (objects, expected) in [
        (
            b"3 0 obj\n<< /Font /Helvetica /Title (JavaScript) >>\nendobj".to_vec(),
            None,
        ),
        (
            b"<< /S /JavaScript /JS (app.alert(1)) >>".to_vec(),
            Some(Refusal::Active),
        ),
        (b"<< /S /J#61vaScript >>".to_vec(), Some(Refusal::Active)),
        (b"<< /#4a#53 7 0 R >>".to_vec(), Some(Refusal::Active)),
        (b"<< /S/Launch/F(cmd.exe) >>".to_vec(), Some(Refusal::Active)),
        (b"<< /Type /EmbeddedFile >>".to_vec(), Some(Refusal::Active)),
        (
            b"<< /Names << /EmbeddedFiles 4 0 R >> >>".to_vec(),
            Some(Refusal::Active),
        ),
        (b"<< /XFA 4 0 R >>".to_vec(), Some(Refusal::Active)),
        (b"<< /Encrypt 4 0 R >>".to_vec(), Some(Refusal::Encrypted)),
        (
            b"<< /OpenAction [3 0 R /Fit] /JSONish 1 /Launcher 1 >>".to_vec(),
            None,
        ),
        (packed(b"5 0 << /S /JavaScript >>"), Some(Refusal::Active)),
        (packed(b"5 0 << /#4A#53 (x) >>"), Some(Refusal::Active)),
        (packed(b"5 0 << /Type /Page >>"), None),
        (
            stream("/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]", b"00>"),
            Some(Refusal::Encrypted),
        ),
        (
            stream("/Type /ObjStm /Filter /FlateDecode", b"no zlib"),
            Some(Refusal::Damaged),
        ),
        // Bytes of a picture may hold a slash and two letters.
        (
            stream("/Subtype /Image /Filter /DCTDecode", b"\xFF\xD8 /JS \xFF\xD9"),
            None,
        ),
        // What only pretends to be a stream is looked at all the same.
        (
            b"(>> stream\n << /S /JavaScript >> endstream)".to_vec(),
            Some(Refusal::Active),
        ),
    ] {
        assert_eq!(
            refusal("a.pdf", &pdf(&objects)),
            expected,
            "{}",
            String::from_utf8_lossy(&objects)
        );
    }
    // A few bytes that unpack to more than may be looked at.
    let bomb = deflated(&vec![b' '; 65 << 20]);
    let objects = stream("/Type /ObjStm /Filter /FlateDecode", &bomb);
    assert_eq!(refusal("a.pdf", &pdf(&objects)), Some(Refusal::Damaged));
}

#[test]
fn a_name_is_shown_as_what_it_is() {
    for (raw, shown) in [
        ("C:\\fakepath\\photo.jpg", "photo.jpg"),
        ("../../etc/photo.jpg", "photo.jpg"),
        ("右后门 日光.jpg", "右后门 日光.jpg"),
        ("a\u{202E}gpj.jpg", "agpj.jpg"),
        ("line\nbreak\0.jpg", "linebreak.jpg"),
        ("", "file.jpg"),
        ("...", "file.jpg"),
        ("blob", "blob.jpg"),
        (".jpg", "jpg.jpg"),
        ("验车 2026.11.24", "验车 2026.11.24.jpg"),
    ] {
        assert_eq!(inspect(raw, &jpeg(4, 3, b"")).unwrap().name, shown, "{raw}");
    }
    let long = inspect(&format!("{}.jpg", "长".repeat(300)), &jpeg(4, 3, b"")).unwrap();
    assert_eq!(long.name.chars().count(), MAX_NAME + 4);
}

proptest! {
    #[test]
    fn no_bytes_make_it_stumble(kind in 0..5_usize, tail in proptest::collection::vec(any::<u8>(), 0..400), at in 0..400_usize) {
        let starts: [Vec<u8>; 5] = [jpeg(4, 3, &exif()), png(4, 3, b""), webp(&[lossless()]), pdf(b"<< /A 1 >>"), Vec::new()];
        let mut bytes = starts[kind].clone();
        let at = at.min(bytes.len());
        bytes.splice(at..at, tail);
        if let Ok(kept) = inspect("x", &bytes) {
            // What is kept once is kept as it is.
            let again = inspect(&kept.name, &kept.content).unwrap();
            prop_assert_eq!(again.content, kept.content);
        }
    }
}
