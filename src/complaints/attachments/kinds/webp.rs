//! WebP: chunks in a RIFF file. Kept are those that draw.

use super::{Refusal, check_size, le32};

/// Flags of the extended header: it has Exif, it has XMP.
const TELLS: u8 = 0x08 | 0x04;

/// The picture anew, without place, camera and what hangs behind its end.
pub fn clean(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let end = (le32(bytes, 4)? as usize)
        .checked_add(8)
        .filter(|end| (12..=bytes.len()).contains(end))
        .ok_or(Refusal::Damaged)?;
    let mut out = bytes[..12].to_vec();
    let mut at = 12;
    let (mut has_size, mut has_picture) = (false, false);
    while at < end {
        let length = le32(bytes, at + 4)? as usize;
        let padded = length.checked_add(8 + length % 2).ok_or(Refusal::Damaged)?;
        let last = at.checked_add(padded).ok_or(Refusal::Damaged)?;
        // The byte that makes a chunk even may be missing at the very end.
        let chunk = bytes
            .get(at..last.min(end))
            .filter(|chunk| chunk.len() >= 8 + length);
        let chunk = chunk.ok_or(Refusal::Damaged)?;
        let (kind, data) = (&chunk[..4], &chunk[8..8 + length]);
        at = last;
        let size = match kind {
            b"VP8X" => Some(extended(data)?),
            b"VP8 " => Some(lossy(data)?),
            b"VP8L" => Some(lossless(data)?),
            b"ANMF" | b"ALPH" | b"ANIM" | b"ICCP" => None,
            _ => continue,
        };
        if let Some((width, height)) = size {
            check_size(width, height)?;
            has_size = true;
        }
        has_picture |= matches!(kind, b"VP8 " | b"VP8L" | b"ANMF");
        let start = out.len();
        out.extend_from_slice(chunk);
        if chunk.len() % 2 == 1 {
            out.push(0);
        }
        if kind == b"VP8X" {
            out[start + 8] &= !TELLS;
        }
    }
    if !(has_size && has_picture) {
        return Err(Refusal::Damaged);
    }
    let size = u32::try_from(out.len() - 8).map_err(|_| Refusal::TooLarge)?;
    out[4..8].copy_from_slice(&size.to_le_bytes());
    Ok(out)
}

fn extended(data: &[u8]) -> Result<(u32, u32), Refusal> {
    let side = |at: usize| match data.get(at..at + 3) {
        Some([a, b, c]) => Ok(u32::from_le_bytes([*a, *b, *c, 0]) + 1),
        Some(_) | None => Err(Refusal::Damaged),
    };
    Ok((side(4)?, side(7)?))
}

fn lossy(data: &[u8]) -> Result<(u32, u32), Refusal> {
    match data.get(3..10) {
        Some([0x9D, 0x01, 0x2A, a, b, c, d]) => {
            let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
            Ok((side(*a, *b), side(*c, *d)))
        }
        Some(_) | None => Err(Refusal::Damaged),
    }
}

fn lossless(data: &[u8]) -> Result<(u32, u32), Refusal> {
    if data.first() != Some(&0x2F) {
        return Err(Refusal::Damaged);
    }
    let bits = le32(data, 1)?;
    Ok(((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1))
}
