//! CSV and TSV. A record is what a spreadsheet program shows as one row, whatever its line endings.
//!
//! Our own reader, because a quote that is never closed must be refused: the usual readers take the rest of
//! the file for one cell, and its customers are lost without a word.

use super::table::{Probe, Source, Table};
use super::{Format, Known, ParseError, Summary, cells, decode::Text};

const DELIMITERS: [char; 3] = [',', '\t', ';'];
/// Empty cells beyond the limit of columns are harmless up to what a spreadsheet can have.
const MOST_CELLS: usize = 16_384;

pub(super) fn read(mut text: Text, head: String, mut table: Table<'_>) -> Result<Summary, ParseError> {
    let named = named_delimiter(&head);
    let delimiter = named.unwrap_or_else(|| guess_delimiter(&head, table.known));
    table.read_from(Source {
        format: Some(Format::Delimited),
        encoding: Some(text.encoding().to_owned()),
        delimiter: Some(delimiter),
        sheet: None,
        sheets: Vec::new(),
    });
    let mut records = Records::new(delimiter, table.limits.cell_chars);
    let mut take = |number: u32, cells: Vec<String>| {
        if named.is_some() && number == 1 {
            Ok(())
        } else {
            table.push(number, cells)
        }
    };
    let mut piece = Some(head);
    while let Some(text_piece) = piece {
        records.feed(&text_piece, &mut take)?;
        piece = text.next_piece()?;
    }
    records.finish(&mut take)?;
    table.finish()
}

/// The delimiter of a first line `sep=;`, which Excel writes and reads.
fn named_delimiter(head: &str) -> Option<char> {
    let line = head.lines().next()?.trim().trim_matches('"');
    let mut rest = line.strip_prefix("sep=")?.chars();
    match (rest.next(), rest.next()) {
        (Some(delimiter), None) if DELIMITERS.contains(&delimiter) => Some(delimiter),
        _ => None,
    }
}

/// The delimiter under which the first rows have most known names, else most cells.
fn guess_delimiter(head: &str, known: Option<Known<'_>>) -> char {
    let mut best = (DELIMITERS[0], (0, 0));
    for delimiter in DELIMITERS {
        let mut probe = Probe::default();
        let mut see = |_: u32, cells: Vec<String>| {
            probe.see(known, &cells);
            if probe.is_done() {
                Err(ParseError::NotATable)
            } else {
                Ok(())
            }
        };
        let mut records = Records::new(delimiter, usize::MAX);
        // Errors end the look: enough was seen, or the head ends within a record.
        let _ = records
            .feed(head, &mut see)
            .and_then(|()| records.finish(&mut see));
        if (probe.best, probe.widest) > best.1 {
            best = (delimiter, (probe.best, probe.widest));
        }
    }
    best.0
}

type Take<'a> = &'a mut dyn FnMut(u32, Vec<String>) -> Result<(), ParseError>;

#[derive(PartialEq)]
enum At {
    CellStart,
    Plain,
    Quoted,
    /// Behind a quote within a quoted cell: its end, or the first half of a doubled quote.
    Quote,
}

/// Splits text, in pieces of any length, into records.
struct Records {
    delimiter: char,
    cell_chars: usize,
    at: At,
    was_return: bool,
    number: u32,
    cell: String,
    cells: Vec<String>,
}

impl Records {
    fn new(delimiter: char, cell_chars: usize) -> Records {
        Records {
            delimiter,
            cell_chars,
            at: At::CellStart,
            was_return: false,
            number: 1,
            cell: String::new(),
            cells: Vec::new(),
        }
    }

    fn feed(&mut self, text: &str, take: Take<'_>) -> Result<(), ParseError> {
        for c in text.chars() {
            let follows_return = std::mem::replace(&mut self.was_return, false);
            match (&self.at, c) {
                (At::Quoted, '"') => self.at = At::Quote,
                (At::Quoted, c) => self.add(c)?,
                (At::Quote, '"') => {
                    self.add('"')?;
                    self.at = At::Quoted;
                }
                (At::CellStart, '"') => self.at = At::Quoted,
                (At::CellStart | At::Plain | At::Quote, c) if c == self.delimiter => self.end_cell()?,
                (At::CellStart | At::Plain | At::Quote, '\n') if follows_return => {}
                (At::CellStart | At::Plain | At::Quote, '\n' | '\r') => {
                    self.was_return = c == '\r';
                    self.end_record(take)?;
                }
                (At::CellStart | At::Plain | At::Quote, c) => {
                    self.at = At::Plain;
                    self.add(c)?;
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, take: Take<'_>) -> Result<(), ParseError> {
        if self.at == At::Quoted {
            return Err(ParseError::UnclosedQuote { row: self.number });
        }
        self.end_record(take)
    }

    /// Bounds memory only, by the longest encoding of a character; [`Table`] counts exactly.
    fn add(&mut self, c: char) -> Result<(), ParseError> {
        if self.cell.len() / 4 > self.cell_chars {
            return Err(ParseError::CellTooLong {
                row: self.number,
                limit: self.cell_chars,
            });
        }
        self.cell.push(c);
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), ParseError> {
        if self.cells.len() == MOST_CELLS {
            return Err(ParseError::TooManyColumns {
                row: self.number,
                limit: MOST_CELLS,
            });
        }
        self.cells.push(cells::from_text(&self.cell));
        self.cell.clear();
        self.at = At::CellStart;
        Ok(())
    }

    fn end_record(&mut self, take: Take<'_>) -> Result<(), ParseError> {
        self.end_cell()?;
        let number = self.number;
        self.number = number.saturating_add(1);
        take(number, std::mem::take(&mut self.cells))
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;

    use super::super::testing::{Collected, read, read_with};
    use super::super::{Limits, ParseError};

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        let swap = |unit: u16| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        "\u{FEFF}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(swap)
            .collect()
    }

    fn gb18030(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    fn with_mark(text: &str) -> Vec<u8> {
        ["\u{FEFF}", text].concat().into_bytes()
    }

    fn source(read: &Collected) -> (&str, char) {
        let header = read.header.as_ref().unwrap();
        (header.encoding.as_deref().unwrap(), header.delimiter.unwrap())
    }

    #[test]
    fn every_encoding_delimiter_and_line_ending_reads_the_same() {
        type Encode = fn(&str) -> Vec<u8>;
        let encodings: [(&str, Encode); 5] = [
            ("UTF-8", |text| text.as_bytes().to_vec()),
            ("UTF-8", with_mark),
            ("gb18030", gb18030),
            ("UTF-16LE", |text| utf16(text, false)),
            ("UTF-16BE", |text| utf16(text, true)),
        ];
        for (encoding, encode) in encodings {
            for delimiter in [',', ';', '\t'] {
                for ending in ["\n", "\r\n", "\r"] {
                    let text = [
                        "姓名,手机号,备注",
                        "张伟,13800001111,𠮷㛃",
                        "",
                        "王芳,13900002222,",
                    ]
                    .join(ending)
                    .replace(',', &delimiter.to_string());
                    let read = read(&encode(&text)).unwrap();
                    assert_eq!(source(&read), (encoding, delimiter), "{text:?}");
                    assert_eq!(read.columns(), ["姓名", "手机号", "备注"]);
                    assert_eq!(read.lines(), ["2: 张伟|13800001111|𠮷㛃", "4: 王芳|13900002222|"]);
                }
            }
        }
    }

    #[test]
    fn short_chinese_files_are_not_taken_for_a_western_encoding() {
        for text in ["姓名,VIN\n王芳,1", "姓名,备注\n䶮,好", "姓名,备注\n张三,é"] {
            let read = read(&gb18030(text)).unwrap();
            assert_eq!(source(&read).0, "gb18030", "{text}");
            assert_eq!(read.rows[0].cells.join(","), text.lines().nth(1).unwrap());
        }
    }

    #[test]
    fn quotes_follow_the_rules_of_spreadsheet_programs() {
        let cases = [
            ("\"a,b\",c", "2: a,b|c"),
            ("\"a \"\"b\"\"\",c", "2: a \"b\"|c"),
            ("\"a\nb\",c\nd,e", "2: a\nb|c;3: d|e"),
            ("\"a\r\nb\",c", "2: a\nb|c"),
            ("5\" tyre,c", "2: 5\" tyre|c"),
            ("\"a\"b,c", "2: ab|c"),
            ("=\"013800001111\",'13800001111", "2: 013800001111|13800001111"),
            ("\"=\"\"0571\"\"\",\t13800001111", "2: 0571|13800001111"),
            ("　张伟 ,\u{a0}x\u{200b}", "2: 张伟|x"),
            (",,,", ""),
            ("a,b,,,\n", "2: a|b"),
            ("a,b,c", "2: a|b!"),
        ];
        for (body, expected) in cases {
            let read = read(format!("姓名,备注\n{body}").as_bytes()).unwrap();
            assert_eq!(read.lines().join(";"), expected, "{body:?}");
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_refused_with_its_row() {
        let text = format!("姓名,备注\na,b\nc,\"d\n{}", "e,f\n".repeat(3));
        assert_eq!(
            read(text.as_bytes()).unwrap_err(),
            ParseError::UnclosedQuote { row: 3 }
        );
        let long = format!("姓名,备注\nc,\"d\n{}", "e,f\n".repeat(100_000));
        assert_eq!(
            read(long.as_bytes()).unwrap_err(),
            ParseError::CellTooLong {
                row: 2,
                limit: 32_767
            }
        );
    }

    #[test]
    fn the_delimiter_is_that_of_the_header_and_not_of_titles_or_notes() {
        let cases = [
            (
                "客户资料,2024,年,3,月\n姓名;手机号;备注\na;1;x,y,z",
                ';',
                "3: a|1|x,y,z",
            ),
            ("\"姓名\";\"手机号\";\"a,b,c,d\"\na;1;2", ';', "2: a|1|2"),
            ("sep=;\r\n姓名;手机号\r\na;1", ';', "3: a|1"),
            ("sep=\t\n姓名\t手机号\na\t1", '\t', "3: a|1"),
            ("姓名\na\nb", ',', "2: a;3: b"),
        ];
        for (text, delimiter, rows) in cases {
            let read = read(text.as_bytes()).unwrap();
            assert_eq!(source(&read).1, delimiter, "{text}");
            assert_eq!(read.lines().join(";"), rows, "{text}");
        }
    }

    #[test]
    fn a_file_longer_than_a_piece_is_read_to_its_end_in_every_encoding() {
        let body: String = (0..20_000).map(|i| format!("张伟,{i:011}\r\n")).collect();
        let text = format!("姓名,手机号\r\n{body}");
        for bytes in [text.clone().into_bytes(), gb18030(&text), utf16(&text, false)] {
            let read = read(&bytes).unwrap();
            assert_eq!(read.rows.len(), 20_000);
            assert_eq!(read.lines().last().unwrap(), "20001: 张伟|00000019999");
            assert!(read.rows.iter().all(|row| row.cells[0] == "张伟" && !row.extra));
        }
    }

    #[test]
    fn text_that_is_broken_within_is_refused_and_never_patched() {
        let mut gb = gb18030("姓名,手机号\n张伟,1\n");
        gb.extend([0xFF, 0xFF, b'\n']);
        let error = ParseError::UndecodableText {
            encoding: "gb18030".to_owned(),
        };
        assert_eq!(read(&gb).unwrap_err(), error);
        let mut odd = utf16("姓名,手机号\n张伟,1\n", false);
        odd.push(0x41);
        let error = ParseError::UndecodableText {
            encoding: "UTF-16LE".to_owned(),
        };
        assert_eq!(read(&odd).unwrap_err(), error);
    }

    #[test]
    fn a_row_of_endless_cells_is_refused() {
        let text = format!("姓名,手机号\n{}", ",".repeat(1_000_000));
        assert!(matches!(
            read(text.as_bytes()),
            Err(ParseError::TooManyColumns { row: 2, .. })
        ));
        let limits = Limits {
            columns: 3,
            ..Limits::default()
        };
        let error = ParseError::TooManyColumns { row: 2, limit: 3 };
        assert_eq!(
            read_with("姓名,手机号\na,b,c,d".as_bytes(), &limits).unwrap_err(),
            error
        );
    }
}
