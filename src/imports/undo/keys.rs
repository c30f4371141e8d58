//! Everything that points at a row an undo may delete, and what that means for the undo. A test compares the list with the
//! catalogue of the database, so that a new table cannot be forgotten.

use super::KeptBecause;

/// What a referring row means to the row that it hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// Part of it, or derived from it: goes along.
    Part,
    /// A row of the archive: goes along when the same import made it, else the row it hangs on stays.
    Archive(KeptBecause),
    /// Somebody's work: the row it hangs on stays.
    Holds(KeptBecause),
    /// The ledger and its bundles: `decide` and `act` have statements of their own for them.
    Ledger,
}

/// One foreign key: `table.column` points at a row of `of`.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub of: &'static str,
    pub table: &'static str,
    pub column: &'static str,
    pub bond: Bond,
}

const fn key(of: &'static str, table: &'static str, column: &'static str, bond: Bond) -> Key {
    Key {
        of,
        table,
        column,
        bond,
    }
}

/// Tables whose rows an import makes, those that others refer to last: the order in which an undo deletes.
pub const MADE: [&str; 7] = [
    "odometer_readings",
    "policies",
    "visits",
    "phones",
    "vehicle_people",
    "vehicles",
    "customers",
];

/// Those of them that count how often somebody saved them; an import makes them with version 1.
pub const VERSIONED: [&str; 4] = ["customers", "vehicles", "visits", "policies"];

/// Bundles of the ledger that go with the person they are for.
pub const BUNDLES: [&str; 2] = ["reminders", "callbacks"];

/// Every foreign key into [`MADE`] and [`BUNDLES`].
pub const KEYS: &[Key] = &[
    key(
        "customers",
        "customers",
        "merged_into_id",
        Bond::Holds(KeptBecause::Merged),
    ),
    key(
        "customers",
        "customers",
        "parent_id",
        Bond::Holds(KeptBecause::Edited),
    ),
    key(
        "customers",
        "customer_tags",
        "customer_id",
        Bond::Holds(KeptBecause::Edited),
    ),
    key(
        "customers",
        "consents",
        "customer_id",
        Bond::Holds(KeptBecause::Edited),
    ),
    key("customers", "customer_facts", "customer_id", Bond::Part),
    key(
        "customers",
        "phones",
        "customer_id",
        Bond::Archive(KeptBecause::Phone),
    ),
    key(
        "customers",
        "vehicle_people",
        "customer_id",
        Bond::Archive(KeptBecause::Role),
    ),
    key(
        "customers",
        "visits",
        "customer_id",
        Bond::Archive(KeptBecause::Visit),
    ),
    key(
        "customers",
        "policies",
        "insured_id",
        Bond::Archive(KeptBecause::Policy),
    ),
    key(
        "customers",
        "complaints",
        "customer_id",
        Bond::Holds(KeptBecause::Complaint),
    ),
    key(
        "customers",
        "attempts",
        "customer_id",
        Bond::Holds(KeptBecause::Called),
    ),
    key(
        "customers",
        "responses",
        "customer_id",
        Bond::Holds(KeptBecause::Called),
    ),
    key(
        "customers",
        "appointments",
        "customer_id",
        Bond::Holds(KeptBecause::Called),
    ),
    key(
        "customers",
        "outbox_messages",
        "customer_id",
        Bond::Holds(KeptBecause::Called),
    ),
    key("customers", "callbacks", "customer_id", Bond::Ledger),
    key("customers", "reminders", "customer_id", Bond::Ledger),
    key("customers", "obligations", "customer_id", Bond::Ledger),
    key(
        "vehicles",
        "vehicles",
        "merged_into_id",
        Bond::Holds(KeptBecause::Merged),
    ),
    key("vehicles", "vehicle_facts", "vehicle_id", Bond::Part),
    key("vehicles", "vehicle_plates", "vehicle_id", Bond::Part),
    key(
        "vehicles",
        "vehicle_people",
        "vehicle_id",
        Bond::Archive(KeptBecause::Role),
    ),
    key(
        "vehicles",
        "visits",
        "vehicle_id",
        Bond::Archive(KeptBecause::Visit),
    ),
    key(
        "vehicles",
        "odometer_readings",
        "vehicle_id",
        Bond::Archive(KeptBecause::Reading),
    ),
    key(
        "vehicles",
        "policies",
        "vehicle_id",
        Bond::Archive(KeptBecause::Policy),
    ),
    key(
        "vehicles",
        "complaints",
        "vehicle_id",
        Bond::Holds(KeptBecause::Complaint),
    ),
    key(
        "vehicles",
        "appointments",
        "vehicle_id",
        Bond::Holds(KeptBecause::Called),
    ),
    key("vehicles", "obligations", "vehicle_id", Bond::Ledger),
    key("visits", "visit_items", "visit_id", Bond::Part),
    // Derived: the link goes (set null), the visit that repeats stays.
    key("visits", "visits", "rework_of_id", Bond::Part),
    key(
        "visits",
        "odometer_readings",
        "visit_id",
        Bond::Archive(KeptBecause::Reading),
    ),
    key(
        "visits",
        "complaints",
        "visit_id",
        Bond::Holds(KeptBecause::Complaint),
    ),
    key("visits", "obligations", "visit_id", Bond::Ledger),
    // Found anew every morning; they go with what they were found in (cascade).
    key("customers", "risks", "customer_id", Bond::Part),
    key("vehicles", "risks", "vehicle_id", Bond::Part),
    key("visits", "risks", "visit_id", Bond::Part),
    key("policies", "obligations", "policy_id", Bond::Ledger),
    key(
        "callbacks",
        "attempts",
        "callback_id",
        Bond::Holds(KeptBecause::Called),
    ),
    key(
        "callbacks",
        "complaints",
        "from_callback_id",
        Bond::Holds(KeptBecause::Complaint),
    ),
    key(
        "callbacks",
        "appointments",
        "callback_id",
        Bond::Holds(KeptBecause::Called),
    ),
    key(
        "callbacks",
        "outbox_messages",
        "callback_id",
        Bond::Holds(KeptBecause::Called),
    ),
    // On somebody's paper, who may be calling from it.
    key(
        "callbacks",
        "call_sheet_lines",
        "callback_id",
        Bond::Holds(KeptBecause::OnPaper),
    ),
    key("callbacks", "call_presence", "callback_id", Bond::Part),
    key("callbacks", "reminders", "callback_id", Bond::Ledger),
    key("callbacks", "obligations", "callback_id", Bond::Ledger),
    key("reminders", "obligations", "reminder_id", Bond::Ledger),
];
