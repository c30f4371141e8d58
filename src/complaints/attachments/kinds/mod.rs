//! What a file is. Its content decides; its name may only agree.
//!
//! Each kind is read from its first byte to its end and written anew: with the parts that are the picture, and without
//! those that are not (where and with what it was taken, comments, and whatever hangs behind the end).

use serde::{Deserialize, Serialize};

use crate::complaints::attachments::MAX_BYTES;
use crate::text_enum;

mod jpeg;
mod pdf;
mod png;
mod webp;

/// Pictures may have this many points; a small file may claim to be much larger than any screen can take.
const MAX_PIXELS: u64 = 100_000_000;
/// Longest side of a picture.
const MAX_SIDE: u32 = 30_000;
/// Longest name that is kept.
const MAX_NAME: usize = 100;

text_enum! {
    /// What may be kept.
    pub enum MediaType {
        Jpeg = "image/jpeg",
        Png = "image/png",
        Webp = "image/webp",
        Pdf = "application/pdf",
    }
}

impl MediaType {
    /// Endings of names that agree with it; the first one is given to a file without.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            MediaType::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            MediaType::Png => &["png"],
            MediaType::Webp => &["webp"],
            MediaType::Pdf => &["pdf"],
        }
    }

    fn of_content(bytes: &[u8]) -> Option<MediaType> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(MediaType::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(MediaType::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(MediaType::Webp),
            [b'%', b'P', b'D', b'F', b'-', b'1'..=b'2', b'.', ..] => Some(MediaType::Pdf),
            _ => None,
        }
    }
}

/// Why a file is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    Empty,
    TooLarge,
    /// The case has as many as it may have.
    TooMany,
    /// None of the kinds that may be kept.
    Unknown,
    /// A photo of a telephone that browsers cannot show, and whose place cannot be taken out.
    Heic,
    /// The name ends as another kind than the content is.
    Lies {
        ending: String,
        is: MediaType,
    },
    /// Begins like its kind and goes on otherwise, or ends too early.
    Damaged,
    /// More points than any picture needs.
    TooManyPixels,
    /// A PDF that does something: scripts, programs, files inside.
    Active,
    /// A PDF that cannot be looked into.
    Encrypted,
}

/// A file as it is kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Inspected {
    pub name: String,
    pub media_type: MediaType,
    pub content: Vec<u8>,
}

/// Looks a file through. What comes back is written anew from the parts that belong to it.
pub fn inspect(name: &str, bytes: &[u8]) -> Result<Inspected, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::TooLarge);
    }
    let Some(media_type) = MediaType::of_content(bytes) else {
        let is_heic = bytes.get(4..8) == Some(&b"ftyp"[..])
            && matches!(
                bytes.get(8..12),
                Some(b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1" | b"avif")
            );
        return Err(if is_heic { Refusal::Heic } else { Refusal::Unknown });
    };
    let name = agreeing_name(name, media_type)?;
    let content = match media_type {
        MediaType::Jpeg => jpeg::clean(bytes)?,
        MediaType::Png => png::clean(bytes)?,
        MediaType::Webp => webp::clean(bytes)?,
        MediaType::Pdf => pdf::check(bytes).map(|()| bytes.to_vec())?,
    };
    Ok(Inspected {
        name,
        media_type,
        content,
    })
}

/// The name without what could deceive whoever reads it, with the ending that the content has.
fn agreeing_name(name: &str, media_type: MediaType) -> Result<String, Refusal> {
    let name = plain_name(name);
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && is_ending(ending) => (stem, Some(ending)),
        Some(_) | None => (name.as_str(), None),
    };
    let endings = media_type.endings();
    let (stem, ending) = match ending {
        Some(ending) if endings.contains(&ending.to_ascii_lowercase().as_str()) => (stem, ending),
        Some(ending) => {
            return Err(Refusal::Lies {
                ending: ending.to_ascii_lowercase(),
                is: media_type,
            });
        }
        None => (stem, endings[0]),
    };
    let stem: String = stem.chars().take(MAX_NAME).collect();
    Ok(format!("{stem}.{ending}"))
}

/// Some browsers send a path; marks that turn the direction of reading hide what a name ends in.
pub fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_shown = |c: &char| {
        let turns = matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
        !c.is_control() && !turns
    };
    let shown: String = last.chars().filter(is_shown).take(MAX_NAME + 10).collect();
    match shown.trim().trim_matches('.').trim() {
        "" => "file".to_owned(),
        name => name.to_owned(),
    }
}

fn is_ending(text: &str) -> bool {
    let is_word = (1..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    // A day at the end of a name is none.
    is_word && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// A picture of these sides may be kept.
fn check_size(width: u32, height: u32) -> Result<(), Refusal> {
    let is_there = width > 0 && height > 0;
    let is_small =
        width <= MAX_SIDE && height <= MAX_SIDE && u64::from(width) * u64::from(height) <= MAX_PIXELS;
    match (is_there, is_small) {
        (true, true) => Ok(()),
        (true, false) => Err(Refusal::TooManyPixels),
        (false, _) => Err(Refusal::Damaged),
    }
}

fn be16(bytes: &[u8], at: usize) -> Result<u32, Refusal> {
    match bytes.get(at..at + 2) {
        Some([a, b]) => Ok(u32::from(u16::from_be_bytes([*a, *b]))),
        Some(_) | None => Err(Refusal::Damaged),
    }
}

fn be32(bytes: &[u8], at: usize) -> Result<u32, Refusal> {
    match bytes.get(at..at + 4) {
        Some([a, b, c, d]) => Ok(u32::from_be_bytes([*a, *b, *c, *d])),
        Some(_) | None => Err(Refusal::Damaged),
    }
}

fn le32(bytes: &[u8], at: usize) -> Result<u32, Refusal> {
    be32(bytes, at).map(u32::swap_bytes)
}

#[cfg(test)]
mod tests;
