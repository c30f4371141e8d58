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

const fn together(column: &'static str, with: &'static [&'static str]) -> Field {
    Field { column, with }
}

const CUSTOMER: &[Field] = &[
    field("name"),
    field("kind"),
    field("salutation"),
    field("grade"),
    together("birth_month", &["birth_day", "birth_year"]),
    together("source", &["source_note"]),
    field("preferred_channel"),
    field("preferred_days"),
    field("preferred_daypart"),
    together("district", &["address"]),
    field("habits"),
    field("note"),
    field("keeper_id"),
    field("parent_id"),
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
    field("warranty_kind"),
    field("extended_warranty_ends_on"),
    field("extended_warranty_km"),
    field("note"),
];

/// Columns that nobody chooses: identity, bookkeeping, what is derived. What a customer refuses follows the ledger of consents,
/// which moves as a whole: the last word holds.
pub const NOT_CHOSEN: &[&str] = &[
    "store_id",
    "id",
    "grams",
    "merged_into_id",
    "erased_at",
    "survey_opt_out",
    "marketing_opt_out",
    "insurance_opt_out",
    "reviewed_at",
    "reviewed_by",
    "import_id",
    "import_row",
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
