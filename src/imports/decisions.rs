//! Where a file and the archive disagree about more than a value, a person decides: once for every kind of conflict.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text_enum;

text_enum! {
    /// What they disagree about.
    pub enum ConflictKind {
        /// A known car with another owner.
        Owner = "owner",
        /// A known phone with another name.
        Name = "name",
        /// A plate that another car carries.
        Plate = "plate",
        /// A value that a person has edited by hand.
        Edited = "edited",
    }
}

text_enum! {
    /// What becomes of the rows.
    pub enum Decision {
        /// As the file says.
        Take = "take",
        /// As the archive says; the rest of the row is taken.
        Keep = "keep",
        /// The rows are refused.
        Refuse = "refuse",
    }
}

impl ConflictKind {
    /// What may be decided, the default first.
    pub const fn choices(self) -> &'static [Decision] {
        match self {
            ConflictKind::Owner | ConflictKind::Name | ConflictKind::Plate => {
                &[Decision::Take, Decision::Keep, Decision::Refuse]
            }
            ConflictKind::Edited => &[Decision::Take, Decision::Keep],
        }
    }
}

/// Decisions about an import, kept with it as JSON; what was not decided has its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decisions(BTreeMap<ConflictKind, Decision>);

impl Decisions {
    /// The decision, or the default.
    pub fn of(&self, kind: ConflictKind) -> Decision {
        self.0.get(&kind).copied().unwrap_or(kind.choices()[0])
    }

    /// Notes a decision; one that is not to be had changes nothing.
    pub fn decide(&mut self, kind: ConflictKind, decision: Decision) {
        match kind.choices() {
            [default, ..] if *default == decision => {
                self.0.remove(&kind);
            }
            choices if choices.contains(&decision) => {
                self.0.insert(kind, decision);
            }
            _ => {}
        }
    }
}

/// How many rows disagree, whatever was decided, and the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictCount {
    pub kind: ConflictKind,
    pub rows: i64,
    pub first_row: i32,
}

/// One disagreement of one row, as it is stored with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    pub kind: ConflictKind,
    /// The field in question, as in a change; none where it is the kind's own.
    pub field: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_wins_where_nothing_was_decided() {
        let mut decisions: Decisions = serde_json::from_str("{}").unwrap();
        for kind in ConflictKind::ALL {
            assert_eq!(decisions.of(*kind), Decision::Take);
        }
        decisions.decide(ConflictKind::Owner, Decision::Refuse);
        decisions.decide(ConflictKind::Edited, Decision::Refuse);
        decisions.decide(ConflictKind::Name, Decision::Take);
        assert_eq!(
            decisions.of(ConflictKind::Edited),
            Decision::Take,
            "not to be had"
        );
        let stored = serde_json::to_string(&decisions).unwrap();
        assert_eq!(stored, r#"{"owner":"refuse"}"#);
        assert_eq!(serde_json::from_str::<Decisions>(&stored).unwrap(), decisions);
    }
}
