//! Rows in the text format of COPY: the fastest way into a table, in batches of any size.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;

/// Rows of one COPY.
pub struct CopyRows {
    out: String,
    at_start: bool,
}

impl Default for CopyRows {
    fn default() -> CopyRows {
        CopyRows::new()
    }
}

impl CopyRows {
    /// No rows yet.
    pub fn new() -> CopyRows {
        CopyRows {
            out: String::new(),
            at_start: true,
        }
    }

    /// A number, a date: anything that prints without a tab, a backslash or a line end. None is null.
    pub fn plain(&mut self, value: Option<impl Display>) -> &mut Self {
        self.separate();
        match value {
            Some(value) => self.out.push_str(&value.to_string()),
            None => self.out.push_str("\\N"),
        }
        self
    }

    /// An instant.
    pub fn instant(&mut self, value: Option<DateTime<Utc>>) -> &mut Self {
        self.plain(value.map(|at| at.to_rfc3339()))
    }

    /// Any text.
    pub fn text(&mut self, value: Option<&str>) -> &mut Self {
        self.separate();
        match value {
            Some(value) => value.chars().for_each(|c| escape(&mut self.out, c)),
            None => self.out.push_str("\\N"),
        }
        self
    }

    /// A `text[]`.
    pub fn array(&mut self, values: &[String]) -> &mut Self {
        self.separate();
        self.out.push('{');
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            self.out.push('"');
            for c in value.chars() {
                // Quoted once for the array, then escaped for COPY.
                if matches!(c, '"' | '\\') {
                    escape(&mut self.out, '\\');
                }
                escape(&mut self.out, c);
            }
            self.out.push('"');
        }
        self.out.push('}');
        self
    }

    /// A `jsonb`; an empty list is null.
    pub fn json_list<T: Serialize>(&mut self, values: &[T]) -> serde_json::Result<&mut Self> {
        if values.is_empty() {
            return Ok(self.text(None));
        }
        let json = serde_json::to_string(values)?;
        Ok(self.text(Some(&json)))
    }

    /// Ends a row.
    pub fn end(&mut self) {
        self.out.push('\n');
        self.at_start = true;
    }

    /// Sends the rows; `statement` is `copy table (columns) from stdin`.
    pub async fn send(self, db: &mut PgConnection, statement: &'static str) -> sqlx::Result<u64> {
        let mut copy = db.copy_in_raw(statement).await?;
        copy.send(self.out.into_bytes()).await?;
        copy.finish().await
    }

    fn separate(&mut self) {
        if !self.at_start {
            self.out.push('\t');
        }
        self.at_start = false;
    }
}

fn escape(out: &mut String, c: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        // PostgreSQL has no NUL in text.
        '\0' => {}
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_cell_is_escaped_for_copy() {
        let mut rows = CopyRows::new();
        rows.plain(Some(7)).text(Some("a\tb\\c\nd\0")).text(None);
        rows.array(&["x".to_owned(), "\"q\"\\".to_owned(), String::new()]);
        rows.json_list(&["y"]).unwrap().end();
        rows.plain(None::<i32>).json_list::<i32>(&[]).unwrap().end();
        assert_eq!(
            rows.out,
            "7\ta\\tb\\\\c\\nd\t\\N\t{\"x\",\"\\\\\"q\\\\\"\\\\\\\\\",\"\"}\t[\"y\"]\n\\N\t\\N\n"
        );
    }
}
