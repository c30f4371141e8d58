//! The HTML table that many older dealer systems save as `.xls`. Not a browser: rows, cells, entities.

use std::collections::BTreeMap;

use super::table::{Probe, Source, Table};
use super::{Format, Limits, ParseError, Summary, cells, decode::Text};

/// Whether a text begins like markup. Such a text is never read as CSV: it may be a saved log-in page.
pub(super) fn is_html(head: &str) -> bool {
    let mut chars = head.trim_start().chars();
    chars.next() == Some('<')
        && chars
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || "!?".contains(c))
}

pub(super) fn read(mut text: Text, mut html: String, mut table: Table<'_>) -> Result<Summary, ParseError> {
    while let Some(piece) = text.next_piece()? {
        html.push_str(&piece);
    }
    let tables = Reader::new(&html, table.limits).read()?;
    let probe = |rows: &Rows| {
        let mut probe = Probe::default();
        for (_, cells) in rows {
            if !probe.is_done() {
                probe.see(table.known, cells);
            }
        }
        probe
    };
    let chosen = tables
        .iter()
        .find(|rows| probe(rows).has_header())
        .or_else(|| tables.iter().find(|rows| probe(rows).has_rows()));
    let chosen = chosen.ok_or(ParseError::NotATable)?;
    let encoding = Some(text.encoding().to_owned());
    table.read_from(Source {
        format: Some(Format::Html),
        encoding,
        ..Source::default()
    });
    for (number, cells) in chosen {
        table.push(*number, cells.clone())?;
    }
    table.finish()
}

type Rows = Vec<(u32, Vec<String>)>;

/// Walks the tags. Tables within cells of a table count as text of the cell.
struct Reader<'a> {
    rest: &'a str,
    limits: &'a Limits,
    tables: Vec<Rows>,
    depth: u32,
    row: Option<Vec<String>>,
    cell: Option<(String, usize, usize)>,
    /// Column → rows that a cell above still reaches down into it.
    spans: BTreeMap<usize, usize>,
}

impl<'a> Reader<'a> {
    fn new(html: &'a str, limits: &'a Limits) -> Reader<'a> {
        let spans = BTreeMap::new();
        Reader {
            rest: html,
            limits,
            tables: Vec::new(),
            depth: 0,
            row: None,
            cell: None,
            spans,
        }
    }

    fn read(mut self) -> Result<Vec<Rows>, ParseError> {
        while let Some(at) = self.rest.find('<') {
            let (text, rest) = self.rest.split_at(at);
            self.text(text);
            if let Some(comment) = rest.strip_prefix("<!--") {
                self.rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
                continue;
            }
            let (tag, rest) = split_tag(rest);
            self.rest = rest;
            self.tag(tag)?;
        }
        if self.depth > 0 {
            return Err(ParseError::damaged("a table is never closed"));
        }
        Ok(self.tables)
    }

    fn text(&mut self, text: &str) {
        if let Some((cell, ..)) = &mut self.cell {
            cell.push_str(text);
        }
    }

    fn tag(&mut self, tag: &str) -> Result<(), ParseError> {
        let name: String = tag
            .chars()
            .enumerate()
            .take_while(|(at, c)| c.is_ascii_alphanumeric() || (*at == 0 && *c == '/'))
            .map(|(_, c)| c.to_ascii_lowercase())
            .collect();
        match (name.as_str(), self.depth) {
            ("style" | "script", _) => self.skip_to_end_of(&name),
            ("table", 0) => {
                self.depth = 1;
                self.spans.clear();
                self.tables.push(Vec::new());
            }
            ("table", _) => self.depth += 1,
            ("/table", 1) => {
                self.end_row()?;
                self.depth = 0;
            }
            ("/table", depth) => self.depth = depth.saturating_sub(1),
            ("tr", 1) => {
                self.end_row()?;
                self.row = Some(Vec::new());
            }
            ("/tr", 1) => self.end_row()?,
            ("td" | "th", 1) => {
                self.end_cell()?;
                self.row.get_or_insert_default();
                self.cell = Some((String::new(), span(tag, "colspan"), span(tag, "rowspan")));
            }
            ("/td" | "/th", 1) => self.end_cell()?,
            ("br" | "/p" | "/div", _) => self.text("\n"),
            _ => {}
        }
        Ok(())
    }

    fn skip_to_end_of(&mut self, name: &str) {
        let end = format!("</{name}");
        let found = self.rest.char_indices().find(|(at, c)| {
            *c == '<'
                && self.rest.as_bytes()[*at..]
                    .get(..end.len())
                    .is_some_and(|tag| tag.eq_ignore_ascii_case(end.as_bytes()))
        });
        self.rest = found.map_or("", |(at, _)| &self.rest[at..]);
    }

    fn end_cell(&mut self) -> Result<(), ParseError> {
        let (Some((text, across, down)), Some(row)) = (self.cell.take(), self.row.as_mut()) else {
            return Ok(());
        };
        let number = self.tables.last().map_or(0, Vec::len) as u32 + 1;
        skip_spanned(row, &mut self.spans);
        let across = across.min(self.limits.columns);
        if row.len() + across > self.limits.columns.saturating_mul(2) {
            return Err(ParseError::TooManyColumns {
                row: number,
                limit: self.limits.columns,
            });
        }
        for offset in 0..across {
            // Like a merged cell in a spreadsheet: the value stands in its first cell alone.
            if down > 1 {
                self.spans.insert(row.len(), down - 1);
            }
            row.push(if offset == 0 {
                cells::from_text(&unescape(&text))
            } else {
                String::new()
            });
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ParseError> {
        self.end_cell()?;
        if let (Some(mut row), Some(rows)) = (self.row.take(), self.tables.last_mut()) {
            skip_spanned(&mut row, &mut self.spans);
            rows.push((rows.len() as u32 + 1, row));
        }
        Ok(())
    }
}

/// Leaves the cells blank into which a cell above reaches.
fn skip_spanned(row: &mut Vec<String>, spans: &mut BTreeMap<usize, usize>) {
    while let Some(left) = spans.get_mut(&row.len()) {
        *left -= 1;
        if *left == 0 {
            spans.remove(&row.len());
        }
        row.push(String::new());
    }
}

/// `<td title="a>b">rest` → `td title="a>b"` and `rest`.
fn split_tag(from: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, c) in from.char_indices().skip(1) {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return (&from[1..at], &from[at + 1..]),
            (None, _) => {}
        }
    }
    (&from[1..], "")
}

fn span(tag: &str, name: &str) -> usize {
    let tag = tag.to_ascii_lowercase();
    let value = tag
        .split_once(name)
        .and_then(|(_, rest)| rest.trim_start().strip_prefix('='));
    let digits = value.map(|value| value.trim_start().trim_start_matches(['"', '\'']));
    let end = |digits: &str| digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits
        .and_then(|digits| digits[..end(digits)].parse().ok())
        .unwrap_or(1)
        .max(1)
}

/// Resolves the entities that exports use; an unknown one stays as written.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        match end.and_then(|end| Some((end, entity(&rest[1..end])?))) {
            Some((end, c)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" | "ensp" | "emsp" => Some(' '),
        "yen" => Some('¥'),
        "middot" => Some('·'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|c| *c != '\0')
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;

    use super::super::testing::read;
    use super::super::{Format, ParseError};

    const HEAD: &str = "<tr><th>姓名</th><th>手机号<th>备注</tr>";

    fn rows(body: &str) -> Result<Vec<String>, ParseError> {
        read(format!("<html><table>{HEAD}{body}</table>").as_bytes()).map(|read| read.lines())
    }

    #[test]
    fn a_table_named_xls_is_read_in_the_encoding_of_older_systems() {
        let html = "<html xmlns:x=\"urn:excel\"><head><meta charset=gb2312><style>td{a:b}<table></style></head>\
            <body><!-- <table> --><table border=1><tr><td colspan=\"3\">客户资料</td></tr>\
            <TR><TD>姓名</TD><TD>手机号</TD><TD>备注</TD></TR>\
            <tr><td>张伟</td><td style=\"mso:'\\@'\">13800001111</td><td>&nbsp;</td></tr></table></body></html>";
        let read = read(&GB18030.encode(html).0).unwrap();
        let header = read.header.as_ref().unwrap();
        assert_eq!((header.format, header.number), (Format::Html, 2));
        assert_eq!(header.encoding.as_deref(), Some("gb18030"));
        assert_eq!(read.lines(), ["3: 张伟|13800001111|"]);
    }

    #[test]
    fn cells_keep_their_columns_and_their_text() {
        let cases = [
            ("<tr><td>a<td>1<td>n", "2: a|1|n"),
            (
                "<tr><td>a &amp; b &lt;c&gt;</td><td>&#49;&#x32;</td><td>&foo; & x</td>",
                "2: a & b <c>|12|&foo; & x",
            ),
            ("<tr><td><b>a</b><br/>b</td><td title='>'>1</td>", "2: a\nb|1|"),
            (
                "<tr><td rowspan=2>a</td><td>1</td><td>n</td></tr><tr><td>2</td><td>m</td></tr>",
                "2: a|1|n;3: |2|m",
            ),
            (
                "<tr><td colspan=2>a</td><td>n</td></tr><tr></tr><tr><td>b</td></tr>",
                "2: a||n;4: b||",
            ),
            ("<tr><td>a</td><td>1</td><td>n</td><td>x</td></tr>", "2: a|1|n!"),
            (
                "<tr><td>a<table><tr><td>in</td></tr></table></td><td>1</td></tr>",
                "2: ain|1|",
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(rows(body).unwrap().join(";"), expected, "{body}");
        }
    }

    #[test]
    fn the_first_table_with_a_header_is_read() {
        let html = format!("<table><tr><td>menu</td></tr></table><table>{HEAD}<tr><td>a</td></tr></table>");
        assert_eq!(read(html.as_bytes()).unwrap().lines(), ["2: a||"]);
    }

    #[test]
    fn cut_and_hostile_tables_are_refused() {
        let cut = format!("<table>{HEAD}<tr><td>a");
        assert!(matches!(read(cut.as_bytes()), Err(ParseError::Damaged { .. })));
        assert!(matches!(
            rows(&format!("<tr>{}", "<td>1".repeat(300))),
            Err(ParseError::TooManyColumns { .. })
        ));
        assert_eq!(rows("<tr><td colspan=99999999>a").unwrap(), ["2: a||"]);
        assert_eq!(
            rows("<tr><td rowspan=99999999>a</td></tr><tr><td>1</td>").unwrap(),
            ["2: a||", "3: |1|"]
        );
        for page in [
            "<html><body>no",
            "<?xml version='1.0'?><Workbook/>",
            "<!DOCTYPE html><table></table>",
        ] {
            assert_eq!(
                read(page.as_bytes()).unwrap_err(),
                ParseError::NotATable,
                "{page}"
            );
        }
    }
}
