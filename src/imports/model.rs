//! An import on its way: states, phases, what was counted, how the file was read.

use serde::{Deserialize, Serialize};

use crate::imports::decisions::ConflictCount;
use crate::imports::mapping::Mapping;
use crate::imports::parse::Header;
use crate::text_enum;

text_enum! {
    /// Where an import is. `Staged` waits for a person; `Reading`, `Running` and `Undoing` wait for the machine.
    pub enum ImportState {
        Reading = "reading",
        Staged = "staged",
        Running = "running",
        Confirmed = "confirmed",
        Failed = "failed",
        Discarded = "discarded",
        /// A person stopped the machine.
        Cancelled = "cancelled",
        /// Confirmed, and on its way back.
        Undoing = "undoing",
        Undone = "undone",
    }
}

impl ImportState {
    /// The machine is at work; the page looks again by itself.
    pub const fn is_busy(self) -> bool {
        matches!(
            self,
            ImportState::Reading | ImportState::Running | ImportState::Undoing
        )
    }
}

/// What the machine owes a busy import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// The file becomes staged rows.
    Read,
    /// The rows are checked for the preview.
    Check,
    Merge,
    /// What a merge wrote is taken back.
    Undo,
}

impl Work {
    /// None where the import waits for a person, or has ended.
    pub const fn of(state: ImportState, phase: ImportPhase) -> Option<Work> {
        match (state, phase) {
            (ImportState::Reading, ImportPhase::Reading) => Some(Work::Read),
            (
                ImportState::Reading,
                ImportPhase::Checking | ImportPhase::Matching | ImportPhase::Writing | ImportPhase::Deriving,
            ) => Some(Work::Check),
            (ImportState::Running, _) => Some(Work::Merge),
            (ImportState::Undoing, _) => Some(Work::Undo),
            (
                ImportState::Staged
                | ImportState::Confirmed
                | ImportState::Failed
                | ImportState::Discarded
                | ImportState::Cancelled
                | ImportState::Undone,
                _,
            ) => None,
        }
    }
}

text_enum! {
    /// What the machine does with a busy import, in this order.
    pub enum ImportPhase {
        Reading = "reading",
        /// Cells become values.
        Checking = "checking",
        /// Rows find their cars, people and visits.
        Matching = "matching",
        Writing = "writing",
        /// Due days and last visits are derived anew.
        Deriving = "deriving",
    }
}

text_enum! {
    /// What a row does to the archive.
    pub enum RowAction {
        New = "new",
        Changed = "changed",
        Unchanged = "unchanged",
        Refused = "refused",
    }
}

/// Why a file or a merge came to nothing; stored in `imports.error`, its sentence is in `i18n/imports.rs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Failure {
    /// The parser's reason; its fields are in `detail` as the parser writes them.
    File {
        error: crate::imports::parse::ParseError,
    },
    /// The file wanted more memory or time than its reader has.
    Exhausted,
    /// Its server stopped in the middle again and again, or for good; nothing was written.
    Interrupted,
    /// Another import of the same file was faster.
    SameFile,
    /// The database refused; nothing was written. Details are in the log.
    Internal,
}

/// How the file was read, and which column gives which field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    pub header: Header,
    pub mapping: Mapping,
    /// The mapping is what a person chose for the same headings before.
    #[serde(default)]
    pub is_remembered: bool,
}

/// What the rows of a file come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub rows: i64,
    pub new: i64,
    pub changed: i64,
    pub unchanged: i64,
    /// Rows with a reason at one of their cells, doubled ones among them.
    pub refused: i64,
    /// Rows that repeat the car or the repair order of an earlier row.
    pub doubled: i64,
    /// Rows taken although something about them looks odd.
    pub warned: i64,
    /// Customers that the archive did not have.
    pub new_customers: i64,
    /// Cars that the archive did not have.
    pub new_vehicles: i64,
    /// 维修类型 outside our list, with how many rows; they count as repairs.
    pub unknown_types: Vec<(String, i64)>,
    /// 建档人 that is no one person of the store, with how many rows; the file is kept by nobody.
    pub unknown_keepers: Vec<(String, i64)>,
    /// Where the file and the archive disagree about more than a value.
    pub conflicts: Vec<ConflictCount>,
    /// Working time of the merge.
    pub millis: i64,
}

impl Counts {
    /// Rows that a confirmation takes.
    pub const fn accepted(&self) -> i64 {
        self.rows - self.refused
    }

    /// Working time in seconds with one decimal.
    pub fn seconds(&self) -> f64 {
        (self.millis as f64 / 100.0).round() / 10.0
    }
}

/// One field that a row changes; both sides as text, dates as `2026-03-05`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    pub from: Option<String>,
    pub to: Option<String>,
}
