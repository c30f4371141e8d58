//! Text of an unknown encoding, decoded piece by piece and never with replacement characters.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Decoder, DecoderResult, Encoding, GB18030, UTF_8};

use super::ParseError;

const PIECE: usize = 64 << 10;

/// A text file behind its encoding.
pub(super) struct Text {
    file: File,
    encoding: &'static Encoding,
    decoder: Decoder,
    bytes: Vec<u8>,
    is_at_end: bool,
}

impl Text {
    /// Detects the encoding: byte order mark, else strict UTF-8, else Chinese.
    pub fn open(mut file: File) -> Result<Text, ParseError> {
        let mut head = Vec::new();
        file.by_ref()
            .take(PIECE as u64)
            .read_to_end(&mut head)
            .map_err(|error| ParseError::unreadable(&error))?;
        let (encoding, skip) = match Encoding::for_bom(&head) {
            Some(found) => found,
            None if head.contains(&0) || head.starts_with(b"%PDF") => return Err(ParseError::NotATable),
            None => (detect(&mut file)?, 0),
        };
        file.seek(SeekFrom::Start(skip as u64))
            .map_err(|error| ParseError::unreadable(&error))?;
        let decoder = encoding.new_decoder_without_bom_handling();
        Ok(Text {
            file,
            encoding,
            decoder,
            bytes: vec![0; PIECE],
            is_at_end: false,
        })
    }

    /// Name after the Encoding Standard, such as `UTF-8`, `gb18030`, `UTF-16LE`.
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// The first piece, to guess from; empty for an empty file.
    pub fn head(&mut self) -> Result<String, ParseError> {
        Ok(self.next_piece()?.unwrap_or_default())
    }

    /// The next piece, or none at the end. Refuses malformed bytes and NUL.
    pub fn next_piece(&mut self) -> Result<Option<String>, ParseError> {
        if self.is_at_end {
            return Ok(None);
        }
        let count = self
            .file
            .read(&mut self.bytes)
            .map_err(|error| ParseError::unreadable(&error))?;
        self.is_at_end = count == 0;
        let room = self
            .decoder
            .max_utf8_buffer_length_without_replacement(count)
            .unwrap_or(4 * PIECE);
        let mut piece = String::with_capacity(room);
        let (result, _) = self.decoder.decode_to_string_without_replacement(
            &self.bytes[..count],
            &mut piece,
            self.is_at_end,
        );
        match result {
            DecoderResult::InputEmpty if piece.contains('\0') => Err(ParseError::NotATable),
            DecoderResult::InputEmpty => Ok(Some(piece)),
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => Err(ParseError::UndecodableText {
                encoding: self.encoding.name().to_owned(),
            }),
        }
    }
}

/// The encoding of a file without byte order mark, judged by the whole of it.
fn detect(file: &mut File) -> Result<&'static Encoding, ParseError> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut utf8 = UTF_8.new_decoder_without_bom_handling();
    let mut is_utf8 = true;
    let mut bytes = vec![0; PIECE];
    let mut text = String::with_capacity(4 * PIECE);
    file.rewind().map_err(|error| ParseError::unreadable(&error))?;
    loop {
        let count = file
            .read(&mut bytes)
            .map_err(|error| ParseError::unreadable(&error))?;
        let last = count == 0;
        if is_utf8 {
            text.clear();
            let (result, _) = utf8.decode_to_string_without_replacement(&bytes[..count], &mut text, last);
            is_utf8 = result == DecoderResult::InputEmpty;
        }
        detector.feed(&bytes[..count], last);
        if last {
            break;
        }
    }
    if is_utf8 {
        return Ok(UTF_8);
    }
    // Short Chinese texts are sometimes taken for a single-byte encoding, which decodes anything: only the
    // other Chinese encoding may win over GB18030, and what neither can decode is refused.
    let guess = detector.guess(Some(b"cn"), Utf8Detection::Deny);
    Ok(if guess == BIG5 { BIG5 } else { GB18030 })
}
