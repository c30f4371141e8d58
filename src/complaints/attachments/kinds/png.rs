//! PNG: chunks, each with its sum. Kept are those that draw.

use flate2::Crc;

use super::{Refusal, be32, check_size};

const SIGNATURE: usize = 8;
/// Chunks that a picture needs, or that say how its colours and its movement are meant.
const KEPT: [&[u8; 4]; 20] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD",
    b"pHYs", b"hIST", b"sPLT", b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT",
];

/// The picture anew, without texts, place, time and what hangs behind its end.
pub fn clean(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut out = bytes.get(..SIGNATURE).ok_or(Refusal::Damaged)?.to_vec();
    let mut at = SIGNATURE;
    let mut has_points = false;
    loop {
        let length = be32(bytes, at)? as usize;
        let whole = bytes
            .get(at..)
            .and_then(|rest| rest.get(..length.checked_add(12)?));
        let chunk = whole.ok_or(Refusal::Damaged)?;
        let (kind, data) = (&chunk[4..8], &chunk[8..8 + length]);
        let mut sum = Crc::new();
        sum.update(&chunk[4..8 + length]);
        if sum.sum() != be32(chunk, 8 + length)? {
            return Err(Refusal::Damaged);
        }
        let is_first = at == SIGNATURE;
        if is_first != (kind == b"IHDR") {
            return Err(Refusal::Damaged);
        }
        if is_first {
            check_size(be32(data, 0)?, be32(data, 4)?)?;
        }
        let is_kept = KEPT.iter().any(|known| known.as_slice() == kind);
        // Readers give up at a chunk that they must know and do not.
        if !is_kept && kind[0].is_ascii_uppercase() {
            return Err(Refusal::Damaged);
        }
        if is_kept {
            out.extend_from_slice(chunk);
        }
        has_points |= kind == b"IDAT";
        at += chunk.len();
        if kind == b"IEND" {
            return if has_points {
                Ok(out)
            } else {
                Err(Refusal::Damaged)
            };
        }
    }
}
