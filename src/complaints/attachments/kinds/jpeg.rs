//! JPEG: segments, then scans. Kept is what draws; the one thing of the camera that stays is which side is up.

use super::{Refusal, be16, check_size};

const START: u8 = 0xD8;
const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;

/// The picture anew, without place, camera, comments, thumbnails and what hangs behind its end.
pub fn clean(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut out = vec![0xFF, START];
    let mut at = 2;
    let mut turned = None;
    let (mut has_size, mut has_scan) = (false, false);
    loop {
        let marker = next_marker(bytes, &mut at)?;
        match marker {
            END if has_size && has_scan => break,
            0x00 | START | END => return Err(Refusal::Damaged),
            0x01 | 0xD0..=0xD7 => out.extend_from_slice(&[0xFF, marker]),
            _ => {
                let length = be16(bytes, at)? as usize;
                let segment = bytes.get(at..at + length).ok_or(Refusal::Damaged)?;
                let data = segment.get(2..).ok_or(Refusal::Damaged)?;
                at += length;
                if is_frame(marker) {
                    check_size(be16(data, 3)?, be16(data, 1)?)?;
                    has_size = true;
                }
                if marker == 0xE1 {
                    turned = turned.or_else(|| orientation(data));
                }
                if is_kept(marker, data) {
                    out.extend_from_slice(&[0xFF, marker]);
                    out.extend_from_slice(segment);
                }
                if marker == SCAN {
                    has_scan = true;
                    let end = scan_end(bytes, at)?;
                    out.extend_from_slice(&bytes[at..end]);
                    at = end;
                }
            }
        }
    }
    out.extend_from_slice(&[0xFF, END]);
    if let Some(side) = turned {
        out.splice(2..2, upright(side));
    }
    Ok(out)
}

/// Moves behind a marker; any number of fill bytes may stand before it.
fn next_marker(bytes: &[u8], at: &mut usize) -> Result<u8, Refusal> {
    if bytes.get(*at) != Some(&0xFF) {
        return Err(Refusal::Damaged);
    }
    while bytes.get(*at) == Some(&0xFF) {
        *at += 1;
    }
    let marker = bytes.get(*at).ok_or(Refusal::Damaged)?;
    *at += 1;
    Ok(*marker)
}

/// Start of a frame: tells height and width.
const fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF)
}

/// Tables, frames and scans; of what applications add only how dense it is and what its colours mean.
fn is_kept(marker: u8, data: &[u8]) -> bool {
    match marker {
        0xE2 => data.starts_with(b"ICC_PROFILE\0"),
        0xE0 | 0xEE => true,
        0xE1 | 0xE3..=0xED | 0xEF | 0xFE => false,
        _ => true,
    }
}

/// Where the points of a scan end: at the first marker that is neither stuffing nor a restart.
fn scan_end(bytes: &[u8], from: usize) -> Result<usize, Refusal> {
    let rest = bytes.get(from..).unwrap_or_default();
    let found = rest
        .windows(2)
        .position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7 | 0xFF));
    found.map(|n| from + n).ok_or(Refusal::Damaged)
}

/// Which side is up, from the first directory of Exif; 1 needs no mention.
fn orientation(data: &[u8]) -> Option<u8> {
    let tiff = data.strip_prefix(b"Exif\0\0")?;
    let is_big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let pair: [u8; 2] = tiff.get(at..at + 2)?.try_into().ok()?;
        Some(if is_big {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        })
    };
    let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let directory = if is_big {
        u32::from_be_bytes(four)
    } else {
        u32::from_le_bytes(four)
    } as usize;
    let count = usize::from(u16_at(directory)?);
    let entry = (0..count)
        .map(|n| directory + 2 + n * 12)
        .find(|at| u16_at(*at) == Some(0x0112))?;
    let side = u8::try_from(u16_at(entry + 8)?).ok()?;
    (2..=8).contains(&side).then_some(side)
}

/// An Exif segment that says which side is up and nothing else.
fn upright(side: u8) -> Vec<u8> {
    let mut segment = vec![0xFF, 0xE1, 0, 34];
    segment.extend_from_slice(b"Exif\0\0MM\0*\0\0\0\x08");
    segment.extend_from_slice(&[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, side, 0, 0, 0, 0, 0, 0]);
    segment
}
