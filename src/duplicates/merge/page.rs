//! Two files side by side: what they say, field by field, and what hangs on each.

use chrono::NaiveDate;
use serde_json::Value;
use sqlx::PgConnection;

use crate::customers::{self, ContactChannel, CustomerId, CustomerKind};
use crate::duplicates::RecordKind;
use crate::duplicates::merge::queries::{self, Image};
use crate::duplicates::merge::relations::{self, How, Part};
use crate::duplicates::merge::{fields, service};
use crate::stores::StoreScope;
use crate::vehicles::{VehicleState, VehicleUsage};
use crate::web::layout::Layout;

/// One of the two files.
pub struct Side {
    pub id: i64,
    pub name: String,
    pub version: i64,
    pub phones: Vec<Number>,
    pub updated: String,
}

/// A number that may become the main one.
pub struct Number {
    pub id: i64,
    pub masked: String,
    pub is_main: bool,
}

/// A field of both files.
pub struct FieldRow {
    pub column: &'static str,
    pub label: &'static str,
    pub left: String,
    pub right: String,
    pub differs: bool,
    /// What is offered: the right one's value where the left one has none.
    pub takes_right: bool,
}

/// How many rows of a part hang on each.
pub struct CountRow {
    pub part: Part,
    pub counts: [i64; 2],
}

/// Both files as the page shows them.
pub struct Comparison {
    pub kind: RecordKind,
    pub sides: [Side; 2],
    pub fields: Vec<FieldRow>,
    pub counts: Vec<CountRow>,
}

/// `None`: one of them is not there, or is a signpost or erased.
pub async fn load(
    db: &mut PgConnection,
    layout: &Layout,
    scope: StoreScope,
    kind: RecordKind,
    ids: [i64; 2],
) -> sqlx::Result<Option<Comparison>> {
    let rows = queries::images(&mut *db, scope, kind.table(), &ids).await?;
    let (Some(left), Some(right)) = (rows.get(&ids[0]), rows.get(&ids[1])) else {
        return Ok(None);
    };
    if ids[0] == ids[1] || service::is_gone(left) || service::is_gone(right) {
        return Ok(None);
    }
    let mut counts: Vec<CountRow> = Vec::new();
    for relation in relations::of(kind) {
        if matches!(relation.how, How::Derived | How::Stays(_) | How::Repoint)
            || relation.part == Part::Traces
        {
            continue;
        }
        let found = queries::count(&mut *db, scope, relation, ids).await?;
        match counts.iter_mut().find(|row| row.part == relation.part) {
            Some(row) => row.counts = [row.counts[0] + found[0], row.counts[1] + found[1]],
            None => counts.push(CountRow {
                part: relation.part,
                counts: found,
            }),
        }
    }
    Ok(Some(Comparison {
        kind,
        fields: field_rows(layout, kind, left, right),
        counts,
        sides: [
            side(&mut *db, layout, scope, kind, ids[0], left).await?,
            side(db, layout, scope, kind, ids[1], right).await?,
        ],
    }))
}

async fn side(
    db: &mut PgConnection,
    layout: &Layout,
    scope: StoreScope,
    kind: RecordKind,
    id: i64,
    image: &Image,
) -> sqlx::Result<Side> {
    let phones = match kind {
        RecordKind::Customer => customers::queries::list_phones(db, scope, CustomerId::new(id)).await?,
        RecordKind::Vehicle => Vec::new(),
    };
    let updated = image
        .get("updated_at")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Ok(Side {
        id,
        name: name_of(layout, kind, image),
        version: image.get("version").and_then(Value::as_i64).unwrap_or_default(),
        phones: phones
            .iter()
            .map(|phone| Number {
                id: phone.id.get(),
                masked: layout.fmt.phone(&phone.number),
                is_main: phone.is_main,
            })
            .collect(),
        updated: updated
            .parse()
            .map(|at| layout.fmt.datetime(&at))
            .unwrap_or_default(),
    })
}

/// A customer's name; a car's plate, VIN or model, whichever is there.
fn name_of(layout: &Layout, kind: RecordKind, image: &Image) -> String {
    let text = |column: &str| {
        image
            .get(column)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    match kind {
        RecordKind::Customer => text("name").unwrap_or_default().to_owned(),
        RecordKind::Vehicle => match (text("plate"), text("vin")) {
            (Some(plate), _) => layout.fmt.plate(plate),
            (None, Some(vin)) => layout.fmt.vin(vin),
            (None, None) => text("model").unwrap_or_default().to_owned(),
        },
    }
}

fn field_rows(layout: &Layout, kind: RecordKind, left: &Image, right: &Image) -> Vec<FieldRow> {
    let t = layout.t.duplicates();
    fields::of(kind)
        .iter()
        .map(|field| {
            let value = |image: &Image| image.get(field.column).cloned().unwrap_or(Value::Null);
            let (left, right) = (value(left), value(right));
            FieldRow {
                column: field.column,
                label: t.field(field.column),
                left: shown(layout, field.column, &left),
                right: shown(layout, field.column, &right),
                differs: left != right && !(is_empty(&left) && is_empty(&right)),
                takes_right: is_empty(&left) && !is_empty(&right),
            }
        })
        .collect()
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// A value as people read it; a VIN stays masked.
fn shown(layout: &Layout, column: &str, value: &Value) -> String {
    let (t, v, c) = (layout.t.common(), layout.t.vehicles(), layout.t.customers());
    match value {
        Value::Bool(true) => t.yes().to_owned(),
        Value::Bool(false) => t.no().to_owned(),
        Value::Number(number) => match number.as_i64().and_then(|km| i32::try_from(km).ok()) {
            Some(km) if column.ends_with("_km") => layout.fmt.km(&km),
            Some(_) | None => number.to_string(),
        },
        Value::String(text) => match column {
            "vin" => layout.fmt.vin(text),
            "plate" => layout.fmt.plate(text),
            "kind" => text
                .parse()
                .map(|kind: CustomerKind| c.customer_kind(kind).to_owned())
                .unwrap_or_default(),
            "preferred_channel" => text
                .parse()
                .map(|way: ContactChannel| c.channel(way).to_owned())
                .unwrap_or_default(),
            "usage" => text
                .parse()
                .map(|usage: VehicleUsage| v.usage(usage).to_owned())
                .unwrap_or_default(),
            "state" => text
                .parse()
                .map(|state: VehicleState| v.state(state).to_owned())
                .unwrap_or_default(),
            _ => match text.parse::<NaiveDate>() {
                Ok(day) => layout.fmt.iso_date(&day),
                Err(_) => text.clone(),
            },
        },
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}
