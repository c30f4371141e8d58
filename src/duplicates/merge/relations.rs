//! THE TABLE of what hangs on a customer or a car, and how a merge moves it.
//!
//! A new foreign key to `customers` or `vehicles`, or a new column `customer_id` or `vehicle_id`, needs a line here: a test
//! reads them from the catalogue and fails until it has one.

use crate::duplicates::RecordKind;

/// One column that names a customer or a car.
pub struct Relation {
    /// Name of the foreign key; `table.column` of a column without one.
    pub name: &'static str,
    pub table: &'static str,
    pub column: &'static str,
    /// The number that, with the store and the column, names a row.
    pub key: &'static str,
    pub part: Part,
    pub how: How,
}

/// How the rows of the other file become the survivor's.
#[derive(Clone, Copy)]
pub enum How {
    /// Every row.
    Move,
    /// Every row but those the survivor has already, of which one is taken away (and kept for an undo). `d` is the other
    /// file's row, `k` the survivor's.
    MoveUnlessThere { same: &'static str },
    /// Every row but those the survivor has already, which stay with the signpost: something hangs on them.
    MoveUnlessKnown { same: &'static str },
    /// As `MoveUnlessKnown`, once the other file is a signpost and its last row has ended.
    MoveAtTheEnd { same: &'static str },
    /// Every row but obligations that the survivor has a twin of, which end: `bundles` has decided which.
    MoveUnlessTwin,
    /// Every row but reminders of a day that has one already, whose entries join it.
    MoveUnlessSameDay,
    /// A pointer inside the table itself; the survivor never points at itself.
    Repoint,
    /// Nothing moves: it is derived anew.
    Derived,
    /// Nothing moves, and why.
    Stays(&'static str),
}

crate::text_enum! {
    /// What a relation is called on screen; several relations may be one part.
    pub enum Part {
        Phones = "phones",
        People = "people",
        Visits = "visits",
        Appointments = "appointments",
        Readings = "readings",
        Policies = "policies",
        Callbacks = "callbacks",
        Attempts = "attempts",
        Responses = "responses",
        Reminders = "reminders",
        Obligations = "obligations",
        Complaints = "complaints",
        Risks = "risks",
        Tags = "tags",
        Consents = "consents",
        Plates = "plates",
        Traces = "traces",
    }
}

const fn line(
    name: &'static str,
    table: &'static str,
    column: &'static str,
    part: Part,
    how: How,
) -> Relation {
    Relation {
        name,
        table,
        column,
        key: "id",
        part,
        how,
    }
}

/// Of customers.
pub const CUSTOMER: &[Relation] = &[
    line(
        "phones_customer_fkey",
        "phones",
        "customer_id",
        Part::Phones,
        How::MoveUnlessThere {
            same: "k.number = d.number",
        },
    ),
    line(
        "vehicle_people_customer_fkey",
        "vehicle_people",
        "customer_id",
        Part::People,
        How::MoveUnlessThere {
            same: "k.vehicle_id = d.vehicle_id and k.role = d.role and k.until_on is null and d.until_on is null",
        },
    ),
    line(
        "visits_customer_fkey",
        "visits",
        "customer_id",
        Part::Visits,
        How::Move,
    ),
    line(
        "policies_insured_fkey",
        "policies",
        "insured_id",
        Part::Policies,
        How::Move,
    ),
    line(
        "callbacks_customer_fkey",
        "callbacks",
        "customer_id",
        Part::Callbacks,
        How::Move,
    ),
    line(
        "attempts_customer_fkey",
        "attempts",
        "customer_id",
        Part::Attempts,
        How::Move,
    ),
    line(
        "responses_customer_fkey",
        "responses",
        "customer_id",
        Part::Responses,
        How::Move,
    ),
    line(
        "reminders_customer_fkey",
        "reminders",
        "customer_id",
        Part::Reminders,
        How::MoveUnlessSameDay,
    ),
    line(
        "outbox_messages_customer_fkey",
        "outbox_messages",
        "customer_id",
        Part::Callbacks,
        How::Move,
    ),
    line(
        "obligations_customer_fkey",
        "obligations",
        "customer_id",
        Part::Obligations,
        How::MoveUnlessTwin,
    ),
    line(
        "risks_customer_fkey",
        "risks",
        "customer_id",
        Part::Risks,
        How::Move,
    ),
    line(
        "complaints_customer_fkey",
        "complaints",
        "customer_id",
        Part::Complaints,
        How::Move,
    ),
    Relation {
        key: "tag_id",
        ..line(
            "customer_tags_customer_fkey",
            "customer_tags",
            "customer_id",
            Part::Tags,
            How::MoveUnlessThere {
                same: "k.tag_id = d.tag_id",
            },
        )
    },
    line(
        "consents_customer_fkey",
        "consents",
        "customer_id",
        Part::Consents,
        How::Move,
    ),
    line(
        "appointments_customer_fkey",
        "appointments",
        "customer_id",
        Part::Appointments,
        How::Move,
    ),
    line(
        "customers_parent_fkey",
        "customers",
        "parent_id",
        Part::Traces,
        How::Repoint,
    ),
    line(
        "import_links.customer_id",
        "import_links",
        "customer_id",
        Part::Traces,
        How::Stays("it says what a row of a file meant then; an undo of the file looks at the row itself"),
    ),
    line(
        "reveals.customer_id",
        "reveals",
        "customer_id",
        Part::Traces,
        How::Move,
    ),
    line(
        "customers_merged_into_fkey",
        "customers",
        "merged_into_id",
        Part::Traces,
        How::Repoint,
    ),
    line(
        "customer_facts_customer_fkey",
        "customer_facts",
        "customer_id",
        Part::Traces,
        How::Derived,
    ),
    line(
        "vehicle_facts.customer_id",
        "vehicle_facts",
        "customer_id",
        Part::Traces,
        How::Derived,
    ),
];

/// Of cars.
pub const VEHICLE: &[Relation] = &[
    line(
        "vehicle_people_vehicle_fkey",
        "vehicle_people",
        "vehicle_id",
        Part::People,
        How::MoveUnlessThere {
            same: "k.customer_id = d.customer_id and k.role = d.role and k.until_on is null and d.until_on is null",
        },
    ),
    line(
        "visits_vehicle_fkey",
        "visits",
        "vehicle_id",
        Part::Visits,
        How::Move,
    ),
    line(
        "odometer_readings_vehicle_fkey",
        "odometer_readings",
        "vehicle_id",
        Part::Readings,
        How::Move,
    ),
    line(
        "policies_vehicle_fkey",
        "policies",
        "vehicle_id",
        Part::Policies,
        // The same end known twice, never by its number: one term.
        How::MoveUnlessKnown {
            same: "k.kind = d.kind and k.ends_on = d.ends_on and k.policy_no is null and d.policy_no is null",
        },
    ),
    line(
        "obligations_vehicle_fkey",
        "obligations",
        "vehicle_id",
        Part::Obligations,
        How::MoveUnlessTwin,
    ),
    line(
        "risks_vehicle_fkey",
        "risks",
        "vehicle_id",
        Part::Risks,
        How::Move,
    ),
    line(
        "complaints_vehicle_fkey",
        "complaints",
        "vehicle_id",
        Part::Complaints,
        How::Move,
    ),
    line(
        "vehicle_plates_vehicle_fkey",
        "vehicle_plates",
        "vehicle_id",
        Part::Plates,
        How::MoveAtTheEnd {
            same: "k.plate = d.plate and k.from_on <= d.from_on",
        },
    ),
    line(
        "appointments_vehicle_fkey",
        "appointments",
        "vehicle_id",
        Part::Appointments,
        How::Move,
    ),
    line(
        "import_links.vehicle_id",
        "import_links",
        "vehicle_id",
        Part::Traces,
        How::Stays("it says what a row of a file meant then; an undo of the file looks at the row itself"),
    ),
    line(
        "reveals.vehicle_id",
        "reveals",
        "vehicle_id",
        Part::Traces,
        How::Move,
    ),
    line(
        "vehicles_merged_into_fkey",
        "vehicles",
        "merged_into_id",
        Part::Traces,
        How::Repoint,
    ),
    line(
        "vehicle_facts_vehicle_fkey",
        "vehicle_facts",
        "vehicle_id",
        Part::Traces,
        How::Derived,
    ),
];

/// Everything that hangs on rows of a kind.
pub const fn of(kind: RecordKind) -> &'static [Relation] {
    match kind {
        RecordKind::Customer => CUSTOMER,
        RecordKind::Vehicle => VEHICLE,
    }
}

/// Kinds of obligations that are about the customer or the car itself, so that two files may owe the same one twice. As in
/// the generated column `obligations.subject_id`; a test compares the two.
pub const fn own_obligations(kind: RecordKind) -> &'static [&'static str] {
    match kind {
        RecordKind::Customer => &["data_task", "care_visit", "profile_review"],
        RecordKind::Vehicle => &[
            "warranty_expiry",
            "first_maintenance",
            "periodic_maintenance",
            "lost_customer",
        ],
    }
}
