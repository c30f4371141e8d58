//! Raw rows of any format → header and rows: finds the header, skips blanks, holds the limits.

use super::{Format, Header, Known, Limits, ParseError, Row, Sink, Summary};

/// Rows that may stand above the header: titles, a date of the export.
const HEADER_WITHIN: usize = 10;
/// One known name may be a title by chance; two are a header.
const KNOWN_CELLS: usize = 2;

/// Whether at least two cells are known column names.
pub(super) fn is_header(known: Option<Known<'_>>, cells: &[String]) -> bool {
    known_cells(known, cells) >= KNOWN_CELLS
}

/// How many cells are known column names.
pub(super) fn known_cells(known: Option<Known<'_>>, cells: &[String]) -> usize {
    known.map_or(0, |known| {
        cells
            .iter()
            .filter(|cell| !cell.is_empty() && known(cell))
            .count()
    })
}

pub(super) fn is_blank(cells: &[String]) -> bool {
    cells.iter().all(String::is_empty)
}

/// Looks at the first rows of a sheet, an HTML table or a guess at the delimiter.
#[derive(Default)]
pub(super) struct Probe {
    rows: usize,
    /// Known column names in the best row.
    pub best: usize,
    /// Cells of the widest row, blank rows too.
    pub widest: usize,
}

impl Probe {
    pub fn see(&mut self, known: Option<Known<'_>>, cells: &[String]) {
        self.widest = self.widest.max(cells.len());
        if !is_blank(cells) {
            self.rows += 1;
            self.best = self.best.max(known_cells(known, cells));
        }
    }

    pub fn is_done(&self) -> bool {
        self.rows >= HEADER_WITHIN || self.has_header()
    }

    pub fn has_header(&self) -> bool {
        self.best >= KNOWN_CELLS
    }

    pub fn has_rows(&self) -> bool {
        self.rows > 0
    }
}

/// Where the readers of all formats push their rows.
pub(super) struct Table<'a> {
    pub limits: &'a Limits,
    pub known: Option<Known<'a>>,
    sink: &'a mut dyn Sink,
    source: Source,
    state: State,
    rows: u32,
}

/// How the rows were come by; becomes part of [`Header`].
#[derive(Default)]
pub(super) struct Source {
    pub format: Option<Format>,
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    pub sheet: Option<String>,
    pub sheets: Vec<String>,
}

enum State {
    /// Rows seen before the header is certain.
    Searching(Vec<(u32, Vec<String>)>),
    Reading {
        width: usize,
    },
}

impl<'a> Table<'a> {
    pub fn new(limits: &'a Limits, known: Option<Known<'a>>, sink: &'a mut dyn Sink) -> Table<'a> {
        let state = State::Searching(Vec::new());
        Table {
            limits,
            known,
            sink,
            source: Source::default(),
            state,
            rows: 0,
        }
    }

    pub fn read_from(&mut self, source: Source) {
        self.source = source;
    }

    /// Takes the next row; `cells` may be shorter or longer than the header.
    pub fn push(&mut self, number: u32, mut cells: Vec<String>) -> Result<(), ParseError> {
        let Some(last) = cells.iter().rposition(|cell| !cell.is_empty()) else {
            return Ok(());
        };
        cells.truncate(last + 1);
        self.check(number, &cells)?;
        match &mut self.state {
            State::Reading { width } => {
                let width = *width;
                self.give_row(number, cells, width)
            }
            State::Searching(_) if self.known.is_none() || is_header(self.known, &cells) => {
                self.give_header(number, cells)
            }
            State::Searching(waiting) => {
                waiting.push((number, cells));
                if waiting.len() == HEADER_WITHIN {
                    self.settle()
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Ends the reading.
    pub fn finish(mut self) -> Result<Summary, ParseError> {
        self.settle()?;
        Ok(Summary { rows: self.rows })
    }

    fn check(&self, number: u32, cells: &[String]) -> Result<(), ParseError> {
        if cells.len() > self.limits.columns {
            return Err(ParseError::TooManyColumns {
                row: number,
                limit: self.limits.columns,
            });
        }
        let limit = self.limits.cell_chars;
        if cells
            .iter()
            .any(|cell| cell.len() > limit && cell.chars().count() > limit)
        {
            return Err(ParseError::CellTooLong { row: number, limit });
        }
        Ok(())
    }

    /// No row looks like a header: the first one is taken for it, and the mapping will say what it lacks.
    fn settle(&mut self) -> Result<(), ParseError> {
        let State::Searching(waiting) = &mut self.state else {
            return Ok(());
        };
        let mut waiting = std::mem::take(waiting).into_iter();
        let (number, cells) = waiting.next().ok_or(ParseError::NoHeader)?;
        let width = cells.len();
        self.give_header(number, cells)?;
        for (number, cells) in waiting {
            self.give_row(number, cells, width)?;
        }
        Ok(())
    }

    fn give_header(&mut self, number: u32, columns: Vec<String>) -> Result<(), ParseError> {
        self.state = State::Reading { width: columns.len() };
        let source = std::mem::take(&mut self.source);
        let header = Header {
            format: source.format.unwrap_or(Format::Delimited),
            encoding: source.encoding,
            delimiter: source.delimiter,
            sheet: source.sheet,
            sheets: source.sheets,
            number,
            columns,
        };
        self.sink.header(header).map_err(|error| ParseError::Output {
            detail: error.to_string(),
        })
    }

    fn give_row(&mut self, number: u32, mut cells: Vec<String>, width: usize) -> Result<(), ParseError> {
        if self.rows == self.limits.rows {
            return Err(ParseError::TooManyRows {
                limit: self.limits.rows,
            });
        }
        self.rows += 1;
        let extra = cells.len() > width;
        cells.resize(width, String::new());
        self.sink
            .row(Row { number, cells, extra })
            .map_err(|error| ParseError::Output {
                detail: error.to_string(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Collected, is_known};
    use super::*;

    fn read(known: Option<Known<'_>>, limits: &Limits, rows: &[&str]) -> Result<Collected, ParseError> {
        let mut collected = Collected::default();
        let mut table = Table::new(limits, known, &mut collected);
        for (number, row) in (1..).zip(rows) {
            table.push(number, row.split('|').map(str::to_owned).collect())?;
        }
        table.finish()?;
        Ok(collected)
    }

    #[test]
    fn the_header_is_the_first_row_with_two_known_names_within_ten() {
        let titles = "x|x|x|x|x|x|x|x|x|x".split('|').collect::<Vec<_>>();
        let header = "姓名|手机号";
        let after = |above: usize| [&titles[..above], &[header, "张伟|1"]].concat();
        let cases = [(after(0), 1), (after(1), 2), (after(9), 10), (after(10), 1)];
        for (rows, expected) in cases {
            let read = read(Some(&is_known), &Limits::default(), &rows).unwrap();
            assert_eq!(read.header.unwrap().number, expected, "{rows:?}");
        }
        let without = read(None, &Limits::default(), &["", "title", "姓名|手机号"]).unwrap();
        assert_eq!(without.columns(), ["title"]);
        assert_eq!(without.lines(), ["3: 姓名!"]);
    }

    #[test]
    fn rows_are_fitted_to_the_header_and_slipped_ones_are_marked() {
        let rows = ["姓名|手机号||备注||", "a", "", "a|1|x|n|", "a|1||n||y", "|||z"];
        let read = read(Some(&is_known), &Limits::default(), &rows).unwrap();
        assert_eq!(read.columns(), ["姓名", "手机号", "", "备注"]);
        assert_eq!(read.lines(), ["2: a|||", "4: a|1|x|n", "5: a|1||n!", "6: |||z"]);
    }

    #[test]
    fn every_limit_holds_at_its_edge() {
        let limits = Limits {
            rows: 2,
            columns: 2,
            cell_chars: 3,
            ..Limits::default()
        };
        let read = |rows: &[&str]| read(Some(&is_known), &limits, rows).map(|read| read.rows.len());
        assert_eq!(read(&["姓名|手机号", "保养中", "b"]), Ok(2));
        assert_eq!(
            read(&["姓名|手机号", "a", "b", "c"]),
            Err(ParseError::TooManyRows { limit: 2 })
        );
        assert_eq!(
            read(&["姓名|手机号", "a|b|c"]),
            Err(ParseError::TooManyColumns { row: 2, limit: 2 })
        );
        assert_eq!(read(&["姓名|手机号", "a|b|"]), Ok(1));
        assert_eq!(
            read(&["姓名|手机号", "保养中心"]),
            Err(ParseError::CellTooLong { row: 2, limit: 3 })
        );
    }
}
