//! Two files side by side: what they say, field by field, and what hangs on each.

use chrono::NaiveDate;
use serde_json::Value;
use sqlx::PgConnection;

use crate::customers::model::{Birthday, CustomerSource, Daypart, Keeper, PreferredDays};
use crate::customers::{self, ContactChannel, CustomerId, CustomerKind};
use crate::duplicates::RecordKind;
use crate::duplicates::merge::queries::{self, Image};
use crate::duplicates::merge::relations::{self, How, Part};
use crate::duplicates::merge::{fields, service};
use crate::stores::StoreScope;
use crate::vehicles::model::WarrantyKind;
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
    let keepers = match kind {
        RecordKind::Customer => customers::queries::list_keepers(&mut *db, scope).await?,
        RecordKind::Vehicle => Vec::new(),
    };
    Ok(Some(Comparison {
        kind,
        fields: field_rows(layout, kind, &keepers, left, right),
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

fn field_rows(
    layout: &Layout,
    kind: RecordKind,
    keepers: &[Keeper],
    left: &Image,
    right: &Image,
) -> Vec<FieldRow> {
    let t = layout.t.duplicates();
    fields::of(kind)
        .iter()
        .map(|field| {
            let columns = || std::iter::once(field.column).chain(field.with.iter().copied());
            let value = |image: &Image, column: &str| image.get(column).cloned().unwrap_or(Value::Null);
            let is_empty = |image: &Image| columns().all(|column| is_empty(&value(image, column)));
            let text = |image: &Image| match field.column {
                "birth_month" => birthday(layout, image),
                "source" => joined(layout, keepers, image, "source", "source_note"),
                "district" => district(layout, image),
                column => shown(layout, keepers, column, &value(image, column)),
            };
            FieldRow {
                column: field.column,
                label: t.field(field.column),
                left: text(left),
                right: text(right),
                differs: columns().any(|column| {
                    let (left, right) = (value(left, column), value(right, column));
                    left != right && !(self::is_empty(&left) && self::is_empty(&right))
                }),
                takes_right: is_empty(left) && !is_empty(right),
            }
        })
        .collect()
}

fn birthday(layout: &Layout, image: &Image) -> String {
    let part = |column: &str| {
        let number = image.get(column).and_then(Value::as_i64);
        number.and_then(|number| i16::try_from(number).ok())
    };
    let day = part("birth_month").zip(part("birth_day"));
    let day = day.and_then(|(month, day)| Birthday::new(part("birth_year"), month, day));
    day.map(|day| layout.t.customers().birthday_of(day))
        .unwrap_or_default()
}

/// Two columns that say one thing.
fn joined(layout: &Layout, keepers: &[Keeper], image: &Image, first: &str, second: &str) -> String {
    let text = |column: &str| {
        let value = image.get(column).unwrap_or(&Value::Null);
        shown(layout, keepers, column, value)
    };
    let parts = [text(first), text(second)];
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" · ")
}

/// The district; of street and house only that they are on file.
fn district(layout: &Layout, image: &Image) -> String {
    let text = |column: &str| image.get(column).and_then(Value::as_str).unwrap_or_default();
    let street = match text("address") {
        "" => "",
        _ => layout.t.duplicates().street_on_file(),
    };
    let parts: Vec<&str> = [text("district"), street]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" · ")
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// A value as people read it; a VIN stays masked.
fn shown(layout: &Layout, keepers: &[Keeper], column: &str, value: &Value) -> String {
    let (t, v, c) = (layout.t.common(), layout.t.vehicles(), layout.t.customers());
    match value {
        Value::Bool(true) => t.yes().to_owned(),
        Value::Bool(false) => t.no().to_owned(),
        Value::Number(number) if column == "parent_id" => layout.t.duplicates().number(number),
        Value::Number(number) if column == "keeper_id" => {
            let keeper = keepers
                .iter()
                .find(|keeper| Some(keeper.id.get()) == number.as_i64());
            keeper.map_or_else(|| number.to_string(), |keeper| keeper.name.clone())
        }
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
            "source" => text
                .parse()
                .map(|source: CustomerSource| c.source(source).to_owned())
                .unwrap_or_default(),
            "preferred_days" => text
                .parse()
                .map(|days: PreferredDays| c.preferred_days(days).to_owned())
                .unwrap_or_default(),
            "preferred_daypart" => text
                .parse()
                .map(|part: Daypart| c.daypart(part).to_owned())
                .unwrap_or_default(),
            "warranty_kind" => text
                .parse()
                .map(|kind: WarrantyKind| v.warranty_kind(kind).to_owned())
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
