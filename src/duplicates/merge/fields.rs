//! The columns of a file whose value people choose when two become one.
//!
//! Every column of `customers` and `vehicles` is either here or in [`NOT_CHOSEN`]: a test reads them from the catalogue.

use crate::duplicates::RecordKind;

/// A column that a person chooses a side for. `None` and an empty text count as not filled in.
pub struct Field {
    pub column: &'static str,
    /// Columns that are taken along: they mean something only together.
    pub with: &'static [&'static str],
}

const fn field(column: &'static str) -> Field {
    Field { column, with: &[] }
}

const CUSTOMER: &[Field] = &[
    field("name"),
    field("kind"),
    field("salutation"),
    field("grade"),
    field("note"),
    field("preferred_channel"),
    field("survey_opt_out"),
    field("marketing_opt_out"),
];

const VEHICLE: &[Field] = &[
    field("vin"),
    field("plate"),
    field("brand"),
    field("model"),
    field("usage"),
    field("state"),
    field("sold_here"),
    field("delivered_on"),
    field("first_maintenance_due_on"),
    field("warranty_ends_on"),
    field("warranty_km"),
    field("note"),
];

/// Columns that nobody chooses: identity, bookkeeping, what is derived.
pub const NOT_CHOSEN: &[&str] = &[
    "store_id",
    "id",
    "grams",
    "merged_into_id",
    "erased_at",
    "version",
    "created_at",
    "updated_at",
];

/// The fields of a kind, in the order of the page.
pub const fn of(kind: RecordKind) -> &'static [Field] {
    match kind {
        RecordKind::Customer => CUSTOMER,
        RecordKind::Vehicle => VEHICLE,
    }
}
