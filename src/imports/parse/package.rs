//! Looks into an XLSX before anything else does: its size unpacked, counted and not believed.

use std::fs::File;
use std::io::{self, BufReader, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Limits, ParseError};

/// Refuses archives that are too large, locked, damaged, or no workbook.
pub(super) fn inspect(file: &File, limits: &Limits) -> Result<(), ParseError> {
    let file = file.try_clone().map_err(|error| ParseError::unreadable(&error))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(refuse)?;
    if archive.len() > limits.entries {
        return Err(ParseError::TooManyEntries {
            limit: limits.entries,
        });
    }
    check_declared(&mut archive, limits)?;
    check_is_workbook(&archive)?;
    let mut left = limits.inflated_bytes;
    for index in 0..archive.len() {
        left -= inflate(&mut archive, index, left, limits)?;
    }
    Ok(())
}

fn refuse(error: ZipError) -> ParseError {
    if matches!(error, ZipError::InvalidPassword) {
        return ParseError::Encrypted;
    }
    ParseError::damaged(error)
}

/// Cheap: most bombs do not even lie.
fn check_declared(archive: &mut ZipArchive<BufReader<File>>, limits: &Limits) -> Result<(), ParseError> {
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(refuse)?;
        if entry.encrypted() {
            return Err(ParseError::Encrypted);
        }
        if entry.is_symlink() {
            return Err(ParseError::damaged("a symbolic link within the archive"));
        }
        check_ratio(entry.size(), entry.compressed_size(), limits)?;
        total = total.saturating_add(entry.size());
    }
    if total > limits.inflated_bytes {
        return Err(ParseError::UnpacksTooLarge {
            limit: limits.inflated_bytes,
        });
    }
    Ok(())
}

fn check_ratio(inflated: u64, packed: u64, limits: &Limits) -> Result<(), ParseError> {
    if inflated > packed.saturating_mul(limits.entry_ratio) {
        return Err(ParseError::PackedTooTightly {
            limit: limits.entry_ratio,
        });
    }
    Ok(())
}

fn check_is_workbook(archive: &ZipArchive<BufReader<File>>) -> Result<(), ParseError> {
    let mut names = Vec::with_capacity(archive.len());
    for name in archive.file_names() {
        names.push(name.map_err(refuse)?.to_ascii_lowercase().replace('\\', "/"));
    }
    let has = |folder: &str, end: &str| {
        names
            .iter()
            .any(|name| name.contains(folder) && name.ends_with(end))
    };
    // Never run here, but a file of customers has no use for them, and whoever opens it next may run them.
    if has("macrosheets/", ".xml") || has("", "vbaproject.bin") {
        return Err(ParseError::Macros);
    }
    if has("worksheets/", ".xml") {
        return Ok(());
    }
    Err(ParseError::NotATable)
}

/// Unpacks one entry into nothing and gives the bytes it had.
fn inflate(
    archive: &mut ZipArchive<BufReader<File>>,
    index: usize,
    left: u64,
    limits: &Limits,
) -> Result<u64, ParseError> {
    let mut entry = archive.by_index(index).map_err(refuse)?;
    let packed = entry.compressed_size();
    let name = entry.name().map_err(refuse)?.to_ascii_lowercase();
    let is_xml = name.ends_with(".xml") || name.ends_with(".rels");
    let mut declarations = Declarations::default();
    let mut bytes = vec![0; 64 << 10];
    let mut inflated = 0;
    loop {
        let count = entry
            .read(&mut bytes)
            .map_err(|error: io::Error| ParseError::damaged(error))?;
        if count == 0 {
            break;
        }
        inflated += count as u64;
        if inflated > left {
            return Err(ParseError::UnpacksTooLarge {
                limit: limits.inflated_bytes,
            });
        }
        check_ratio(inflated, packed, limits)?;
        if is_xml && declarations.are_in(&bytes[..count]) {
            return Err(ParseError::ExternalEntities);
        }
    }
    Ok(inflated)
}

/// Finds `<!DOCTYPE` and `<!ENTITY` in pieces of XML. No spreadsheet program writes them.
#[derive(Default)]
struct Declarations {
    /// How much of `<!` ended the last piece.
    carried: usize,
}

impl Declarations {
    /// Looks for `<!` and a letter: neither a comment (`<!--`) nor CDATA (`<![`) has one there.
    fn are_in(&mut self, piece: &[u8]) -> bool {
        for &byte in piece {
            self.carried = match (self.carried, byte) {
                (_, b'<') => 1,
                (1, b'!') => 2,
                (2, byte) if byte.is_ascii_alphabetic() => return true,
                _ => 0,
            };
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::CompressionMethod;
    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::super::testing::{read, read_with};
    use super::*;

    const SHEET: &str = "xl/worksheets/sheet1.xml";

    type Entries<'a> = &'a [(&'a str, &'a [u8])];

    fn archive(entries: Entries) -> Vec<u8> {
        let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, content) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn archives_that_are_no_workbook_are_refused_by_what_they_are() {
        let cases: [(Entries, ParseError); 7] = [
            (&[("word/document.xml", b"<a/>")], ParseError::NotATable),
            (&[("xl/vbaProject.bin", b"x")], ParseError::Macros),
            (&[("xl/macrosheets/sheet1.xml", b"<a/>")], ParseError::Macros),
            (
                &[(SHEET, b"<worksheet/>"), ("xl/vbaProject.bin", b"x")],
                ParseError::Macros,
            ),
            (
                &[(SHEET, b"<worksheet/>"), (r"XL\\VBAPROJECT.BIN", b"x")],
                ParseError::Macros,
            ),
            (&[("inner.xlsx", b"PK\x03\x04")], ParseError::NotATable),
            (
                &[(
                    SHEET,
                    b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a/>",
                )],
                ParseError::ExternalEntities,
            ),
        ];
        for (entries, expected) in cases {
            assert_eq!(read(&archive(entries)).unwrap_err(), expected, "{entries:?}");
        }
    }

    #[test]
    fn comments_and_cdata_are_no_declarations() {
        for (piece, expected) in [
            ("<!-- <!-- -->", false),
            ("<![CDATA[<a>]]>", false),
            ("<a><!ENTITY", true),
        ] {
            assert_eq!(
                Declarations::default().are_in(piece.as_bytes()),
                expected,
                "{piece}"
            );
        }
        let mut split = Declarations::default();
        assert!(!split.are_in(b"<a><") && !split.are_in(b"!") && split.are_in(b"DOCTYPE"));
    }

    #[test]
    fn bombs_are_refused_whether_they_declare_their_size_or_lie() {
        let mut numbers: Vec<u8> = (0..200_000)
            .flat_map(|i: u32| i.to_string().into_bytes())
            .collect();
        numbers.truncate(1 << 20);
        let honest = archive(&[(SHEET, &numbers)]);
        let limits = Limits {
            inflated_bytes: 1 << 19,
            ..Limits::default()
        };
        let too_large = ParseError::UnpacksTooLarge { limit: 1 << 19 };
        assert_eq!(read_with(&honest, &limits).unwrap_err(), too_large);

        // The declared size stands in the local header and in the central directory.
        let mut lying = honest.clone();
        for at in (0..lying.len() - 4).filter(|at| honest[*at..at + 4] == (1_u32 << 20).to_le_bytes()) {
            lying[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
        }
        assert_ne!(lying, honest);
        assert!(matches!(
            read_with(&lying, &limits),
            Err(ParseError::Damaged { .. })
        ));

        let limits = Limits {
            entry_ratio: 2,
            ..Limits::default()
        };
        assert_eq!(
            read_with(&honest, &limits).unwrap_err(),
            ParseError::PackedTooTightly { limit: 2 }
        );
    }

    #[test]
    fn too_many_entries_and_cut_archives_are_refused() {
        let names: Vec<String> = (0..65).map(|i| format!("xl/worksheets/sheet{i}.xml")).collect();
        let entries: Vec<(&str, &[u8])> = names
            .iter()
            .map(|name| (name.as_str(), b"<a/>".as_slice()))
            .collect();
        assert_eq!(
            read(&archive(&entries)).unwrap_err(),
            ParseError::TooManyEntries { limit: 64 }
        );

        let whole = archive(&[(SHEET, b"<worksheet/>")]);
        for cut in [10, whole.len() / 2, whole.len() - 5] {
            assert!(
                matches!(read(&whole[..cut]), Err(ParseError::Damaged { .. })),
                "{cut}"
            );
        }
    }

    #[test]
    fn an_archive_of_64_bits_is_read_and_one_that_lies_about_it_is_refused() {
        let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
        let large = SimpleFileOptions::default().large_file(true);
        zip.start_file(SHEET, large).unwrap();
        zip.write_all(b"<worksheet/>").unwrap();
        let bytes = zip.finish().unwrap().into_inner();
        let file = tempfile::tempfile().unwrap();
        (&file).write_all(&bytes).unwrap();
        assert_eq!(inspect(&file, &Limits::default()), Ok(()));

        let whole = archive(&[(SHEET, b"<worksheet/>")]);
        let end = whole.len() - 22;
        // Entries on this disk and in all, size and place of the central directory.
        for (at, width) in [(8, 2), (10, 2), (12, 4), (16, 4)] {
            let mut lying = whole.clone();
            lying[end + at..end + at + width].fill(0xFF);
            let read = read(&lying);
            assert!(
                matches!(
                    read,
                    Err(ParseError::Damaged { .. } | ParseError::TooManyEntries { .. })
                ),
                "{at}: {read:?}"
            );
        }
    }

    #[test]
    fn an_archive_within_the_archive_is_weighed_and_never_opened() {
        let bomb = archive(&[("blanks.bin", &[b' '; 1 << 20])]);
        let limits = Limits {
            inflated_bytes: 1 << 16,
            ..Limits::default()
        };
        assert!(bomb.len() < 1 << 13);
        let file = tempfile::tempfile().unwrap();
        let outer = archive(&[(SHEET, b"<worksheet/>"), ("xl/embeddings/bomb.zip", &bomb)]);
        (&file).write_all(&outer).unwrap();
        assert_eq!(inspect(&file, &limits), Ok(()));
        assert!(matches!(
            read_with(&bomb, &limits),
            Err(ParseError::UnpacksTooLarge { .. } | ParseError::PackedTooTightly { .. })
        ));
    }

    #[test]
    fn links_within_an_archive_are_refused() {
        let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.add_symlink(SHEET, "/etc/passwd", stored).unwrap();
        let bytes = zip.finish().unwrap().into_inner();
        assert!(matches!(read(&bytes), Err(ParseError::Damaged { .. })));
    }
}
