//! PDF: not written anew, but looked through for what acts: scripts, programs, files inside.
//!
//! Names may be spelt with `#4A` for `J`, and objects may lie in compressed streams: both are undone before looking.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::Refusal;

/// What a paper about a complaint does not need. A name this long does not stand in a compressed picture by chance.
const ACTIVE: [&[u8]; 9] = [
    b"JavaScript",
    b"Launch",
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"RichMedia",
    b"XFA",
    b"SubmitForm",
    b"ImportData",
    b"GoToE",
];
/// Shorter than what may stand by chance in the bytes of a picture.
const SHORT: usize = 6;
/// Compressed objects are looked at up to this size, over the whole file.
const MAX_INFLATED: u64 = 64 << 20;
/// Names are at most this long.
const MAX_NAME: usize = 127;

/// A whole file that does nothing.
pub fn check(bytes: &[u8]) -> Result<(), Refusal> {
    let end = find_last(bytes, b"%%EOF").ok_or(Refusal::Damaged)?;
    let is_last = bytes[end + 5..]
        .iter()
        .all(|b| b.is_ascii_whitespace() || *b == 0);
    if !is_last || find(bytes, b"startxref", 0).is_none() {
        return Err(Refusal::Damaged);
    }
    let mut budget = MAX_INFLATED;
    look(bytes, &mut budget)
}

/// What has been read of the object at hand.
#[derive(Default)]
struct Object {
    is_container: bool,
    is_deflated: bool,
    /// Packed in a way that is not undone here.
    has_other_filter: bool,
}

impl Object {
    fn note(&mut self, name: &[u8]) {
        match name {
            b"ObjStm" => self.is_container = true,
            b"FlateDecode" | b"Fl" => self.is_deflated = true,
            b"ASCIIHexDecode" | b"ASCII85Decode" | b"LZWDecode" | b"RunLengthDecode" | b"Crypt" | b"AHx"
            | b"A85" | b"LZW" | b"RL" | b"DecodeParms" | b"DP" => self.has_other_filter = true,
            _ => {}
        }
    }
}

fn look(bytes: &[u8], budget: &mut u64) -> Result<(), Refusal> {
    let mut object = Object::default();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'/' => {
                let (name, next) = name_at(bytes, at + 1);
                judge(&name)?;
                object.note(&name);
                at = next;
            }
            b'o' if bytes[at..].starts_with(b"obj") && !ends_with(bytes, at, b"end") => {
                object = Object::default();
                at += 3;
            }
            b's' if is_stream(bytes, at) => {
                let from = after_line(bytes, at + 6);
                let end = find(bytes, b"endstream", from).unwrap_or(bytes.len());
                look_into_stream(&bytes[from..end], &object, budget)?;
                at = end;
            }
            _ => at += 1,
        }
    }
    Ok(())
}

/// Objects in a stream are looked at like others; in any other stream only long names count.
fn look_into_stream(data: &[u8], object: &Object, budget: &mut u64) -> Result<(), Refusal> {
    if object.is_container {
        return match (object.is_deflated, object.has_other_filter) {
            (_, true) => Err(Refusal::Encrypted),
            (false, false) => look(data, budget),
            (true, false) => look(&inflate(data, budget)?, budget),
        };
    }
    let slashes = data.iter().enumerate().filter(|(_, b)| **b == b'/');
    for (at, _) in slashes {
        let (name, _) = name_at(data, at + 1);
        if name.len() >= SHORT {
            judge(&name)?;
        }
    }
    Ok(())
}

fn judge(name: &[u8]) -> Result<(), Refusal> {
    if name == b"Encrypt" {
        return Err(Refusal::Encrypted);
    }
    if name == b"JS" || ACTIVE.contains(&name) {
        return Err(Refusal::Active);
    }
    Ok(())
}

fn inflate(data: &[u8], budget: &mut u64) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    let read = ZlibDecoder::new(data).take(*budget + 1).read_to_end(&mut out);
    // What a reader could still use of a damaged stream has been read all the same.
    if read.is_err() && out.is_empty() {
        return Err(Refusal::Damaged);
    }
    *budget = budget.checked_sub(out.len() as u64).ok_or(Refusal::Damaged)?;
    Ok(out)
}

/// A name with its escapes undone, and where it ends.
fn name_at(bytes: &[u8], from: usize) -> (Vec<u8>, usize) {
    let mut name = Vec::new();
    let mut at = from;
    while let Some(byte) = bytes.get(at)
        && name.len() < MAX_NAME
        && !byte.is_ascii_whitespace()
        && !b"\0()<>[]{}/%".contains(byte)
    {
        let escaped = match bytes.get(at + 1..at + 3) {
            Some([high, low]) if *byte == b'#' => hex(*high).zip(hex(*low)),
            Some(_) | None => None,
        };
        match escaped {
            Some((high, low)) => {
                name.push(high << 4 | low);
                at += 3;
            }
            None => {
                name.push(*byte);
                at += 1;
            }
        }
    }
    (name, at.max(from))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// The keyword, behind a dictionary and before a line end; `endstream` is none.
fn is_stream(bytes: &[u8], at: usize) -> bool {
    let is_keyword = bytes[at..].starts_with(b"stream") && matches!(bytes.get(at + 6), Some(b'\r' | b'\n'));
    let before = bytes[..at].iter().rev().find(|b| !b.is_ascii_whitespace());
    is_keyword && before == Some(&b'>')
}

fn after_line(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..) {
        Some([b'\r', b'\n', ..]) => at + 2,
        Some(_) => at + 1,
        None => at,
    }
}

fn ends_with(bytes: &[u8], at: usize, word: &[u8]) -> bool {
    bytes[..at].ends_with(word)
}

fn find(bytes: &[u8], word: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(word.len())
        .position(|piece| piece == word)
        .map(|n| from + n)
}

fn find_last(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).rposition(|piece| piece == word)
}
