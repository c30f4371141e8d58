//! The step "match columns".

use std::collections::HashSet;

use askama::Template;

use crate::auth::permission::Permission;
use crate::imports::mapping::{Field, Mapping, Requirement};
use crate::imports::parse::Header;
use crate::imports::queries::{self, ImportRow};
use crate::stores::StoreScope;
use crate::web::error::AppResult;
use crate::web::filters;
use crate::web::form::SelectOption;
use crate::web::layout::Layout;
use crate::web::state::AppState;

use super::{Head, cells, staged};

/// Rows whose cells are shown as samples, and how long a sample may be.
const SAMPLES: i64 = 3;
const SAMPLE_CHARS: usize = 24;

/// `/imports/{id}` while columns are matched.
#[derive(Template)]
#[template(path = "imports/columns.html")]
pub struct ColumnsPage {
    layout: Layout,
    head: Head,
    id: String,
    version: i32,
    /// What is missing or doubtful, and whether it keeps the person here.
    problem: Option<String>,
    notice: String,
    read_as: String,
    /// Worksheets to choose from; none where there is but one, or the file is not kept.
    sheets: Vec<SheetOption>,
    columns: Vec<ColumnLine>,
}

/// A worksheet of the file.
struct SheetOption {
    name: String,
    is_current: bool,
}

/// One column of the file.
struct ColumnLine {
    heading: String,
    sample: String,
    options: Vec<SelectOption>,
    value: String,
    error: Option<&'static str>,
    filled: String,
}

impl ColumnLine {
    fn is_chosen(&self, option: &SelectOption) -> bool {
        option.value == self.value
    }
}

/// A person's choice, column by column.
pub struct ChosenColumns {
    fields: Vec<Option<Field>>,
    /// Columns whose field an earlier column gives already.
    twice: Vec<usize>,
    missing: Vec<Requirement>,
}

impl ChosenColumns {
    /// Puts the choice into the mapping. Codes that the kind does not know leave their column out.
    pub fn of(mapping: &mut Mapping, codes: &[String]) -> ChosenColumns {
        let parse = |code: &String| -> Option<Field> {
            let field = serde_json::from_value(serde_json::Value::String(code.clone())).ok()?;
            mapping.kind.heading(field).map(|_| field)
        };
        let mut fields: Vec<Option<Field>> = codes.iter().map(parse).collect();
        fields.resize(mapping.headings.len(), None);
        let is_twice = |at: &usize| fields[*at].is_some() && fields[..*at].contains(&fields[*at]);
        let twice = (0..fields.len()).filter(is_twice).collect();
        for field in mapping.kind.fields() {
            mapping.assign(field, fields.iter().position(|chosen| *chosen == Some(field)));
        }
        ChosenColumns {
            twice,
            missing: mapping.missing_required(),
            fields,
        }
    }

    pub fn is_valid(&self) -> bool {
        self.twice.is_empty() && self.missing.is_empty()
    }
}

/// The page; with a refused choice everything chosen is kept.
pub async fn columns(
    app: &AppState,
    layout: Layout,
    import: &ImportRow,
    chosen: Option<ChosenColumns>,
) -> AppResult<ColumnsPage> {
    let scope = StoreScope::of(&layout.user);
    let staged = staged(import)?;
    let samples = queries::list_cells(&app.db, scope, import.id, 0, SAMPLES).await?;
    let filled = queries::count_filled(&app.db, scope, import.id).await?;
    let t = layout.t.imports();
    let mapping = &staged.mapping;
    let is_refused = chosen.is_some();
    let chosen = chosen.unwrap_or_else(|| ChosenColumns {
        fields: (0..mapping.headings.len())
            .map(|column| mapping.field(column))
            .collect(),
        twice: Vec::new(),
        missing: mapping.missing_required(),
    });
    let options = options(&layout, mapping);
    let line = |column: usize| {
        let field = chosen.fields[column];
        let heading = match mapping.headings[column].as_str() {
            "" => t.unnamed_column(column + 1),
            heading => heading.to_owned(),
        };
        let sample = samples.iter().filter_map(|row| row.cells.get(column));
        let sample = sample.filter(|cell| !cell.is_empty()).map(|cell| {
            let cell: String = cell.chars().take(SAMPLE_CHARS).collect();
            match field {
                Some(field) => cells::shown(&layout.fmt, field, &cell),
                None => cells::shown_unmatched(&layout.fmt, &cell),
            }
        });
        let count = filled.iter().find(|(position, _)| *position == column as i64 + 1);
        ColumnLine {
            heading,
            sample: t.list(distinct(sample)),
            options: options.clone(),
            value: field.map(code).unwrap_or_default(),
            error: chosen.twice.contains(&column).then(|| t.taken_twice()),
            filled: t.filled_rows(layout.fmt.number(count.map_or(0, |(_, filled)| *filled))),
        }
    };
    let lines: Vec<ColumnLine> = (0..mapping.headings.len()).map(line).collect();
    let repeated = t.list(
        mapping
            .repeated()
            .iter()
            .map(|field| t.field_label(*field).to_owned()),
    );
    let problem = match (&chosen.missing[..], repeated.is_empty() || is_refused) {
        ([], true) => None,
        ([], false) => Some(t.repeated(repeated)),
        (missing, _) => Some(t.missing_here(t.requirements(missing))),
    };
    let matched = chosen.fields.iter().flatten().count();
    let notice = if staged.is_remembered {
        t.matched_as_before(matched, lines.len())
    } else {
        t.matched(matched, lines.len())
    };
    Ok(ColumnsPage {
        head: Head::new(&layout, Some(import), 2),
        id: import.id.to_string(),
        version: import.version,
        problem,
        notice,
        read_as: read_as(&layout, &staged.header),
        sheets: sheets(import, &staged.header),
        columns: lines,
        layout,
    })
}

fn sheets(import: &ImportRow, header: &Header) -> Vec<SheetOption> {
    if import.file_key.is_none() || header.sheets.len() < 2 {
        return Vec::new();
    }
    let option = |name: &String| SheetOption {
        name: name.clone(),
        is_current: header.sheet.as_ref() == Some(name),
    };
    header.sheets.iter().map(option).collect()
}

fn options(layout: &Layout, mapping: &Mapping) -> Vec<SelectOption> {
    let t = layout.t.imports();
    let is_required = |field: Field| mapping.kind.required().contains(&Requirement::One(field));
    let option = |field: Field| {
        let label = t.field_label(field);
        if is_required(field) {
            SelectOption::new(code(field), t.required_field(label))
        } else {
            SelectOption::new(code(field), label)
        }
    };
    mapping.kind.fields().map(option).collect()
}

/// The field as forms send it: its name in JSON.
fn code(field: Field) -> String {
    match serde_json::to_value(field) {
        Ok(serde_json::Value::String(code)) => code,
        Ok(_) | Err(_) => String::new(),
    }
}

/// Encoding, sheet and header row: what a person must know when the cells look wrong.
fn read_as(layout: &Layout, header: &Header) -> String {
    let t = layout.t.imports();
    let sheet = header.sheet.as_ref().map(|name| t.sheet(name));
    let encoding = header.encoding.clone();
    let above = (header.number > 1).then(|| t.title_rows(header.number));
    let parts: Vec<String> = [sheet, encoding, above].into_iter().flatten().collect();
    if parts.is_empty() {
        String::new()
    } else {
        t.read_as(t.list(parts.into_iter()))
    }
}

/// Each text once, in its order: the same thing three times shows no more than once.
fn distinct(texts: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    let mut seen = HashSet::new();
    texts.filter(move |text| seen.insert(text.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_shown_once() {
        let texts = ["速派", "明锐", "速派", ""].map(str::to_owned);
        assert_eq!(
            distinct(texts.into_iter()).collect::<Vec<_>>(),
            ["速派", "明锐", ""]
        );
    }
}
