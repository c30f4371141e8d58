//! What a manager posts about the severity table and about the people of the chain.

use serde::Deserialize;

use crate::complaints::Severity;
use crate::complaints::rules::queries::StorePosts;
use crate::complaints::sla::{
    CLOSE_FLOOR, ChainEnd, DAY_FLOOR, DISPATCH_FLOOR, Limits, REPLY_FLOOR, SHORTEST, SeverityTable,
};
use crate::stores::DepartmentId;
use crate::users::UserId;
use crate::web::form::{FieldError, FormErrors};

/// Longest reason.
const MAX_REASON: usize = 200;

/// `POST /rules/complaints`: columns of the table, gravest severity first.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct TableForm {
    /// Of the table that the form was filled from.
    pub version: String,
    pub dispatch_minutes: Vec<String>,
    pub reply_minutes: Vec<String>,
    pub follow_up_hours: Vec<String>,
    pub second_callback_hours: Vec<String>,
    pub close_days: Vec<String>,
    pub chain_end: Vec<String>,
    /// Codes of severities whose clocks run while the store is closed.
    pub wall_clock: Vec<String>,
    pub reason: String,
}

/// A column of the table with its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Dispatch,
    Reply,
    FollowUp,
    SecondCallback,
    Close,
}

impl Column {
    /// In the order of the page.
    pub const ALL: [Column; 5] = [
        Column::Dispatch,
        Column::Reply,
        Column::FollowUp,
        Column::SecondCallback,
        Column::Close,
    ];

    /// The name of its fields.
    pub const fn field(self) -> &'static str {
        match self {
            Column::Dispatch => "dispatch_minutes",
            Column::Reply => "reply_minutes",
            Column::FollowUp => "follow_up_hours",
            Column::SecondCallback => "second_callback_hours",
            Column::Close => "close_days",
        }
    }

    /// The floor of 2 h, 24 h and 24 h: stricter is allowed, looser is not.
    pub const fn range(self) -> (i32, i32) {
        match self {
            Column::Dispatch => (SHORTEST, DISPATCH_FLOOR),
            Column::Reply => (SHORTEST, REPLY_FLOOR),
            Column::FollowUp | Column::SecondCallback => (1, DAY_FLOOR),
            Column::Close => (1, CLOSE_FLOOR),
        }
    }

    /// What a row gives.
    pub const fn of(self, limits: &Limits) -> i32 {
        match self {
            Column::Dispatch => limits.dispatch_minutes,
            Column::Reply => limits.reply_minutes,
            Column::FollowUp => limits.follow_up_hours,
            Column::SecondCallback => limits.second_callback_hours,
            Column::Close => limits.close_days,
        }
    }

    /// Of a crisis the target is what was promised.
    pub fn is_used(self, severity: Severity) -> bool {
        !(self == Column::Close && severity == Severity::A)
    }
}

/// The name under which the error of a cell is kept.
pub fn cell(field: &str, severity: Severity) -> String {
    format!("{field}_{severity}")
}

impl TableForm {
    /// The form of a table.
    pub fn of(table: &SeverityTable) -> TableForm {
        let column = |column: Column| {
            table
                .rows()
                .iter()
                .map(|row| column.of(row).to_string())
                .collect()
        };
        TableForm {
            version: table.version.to_string(),
            dispatch_minutes: column(Column::Dispatch),
            reply_minutes: column(Column::Reply),
            follow_up_hours: column(Column::FollowUp),
            second_callback_hours: column(Column::SecondCallback),
            close_days: column(Column::Close),
            chain_end: table.rows().iter().map(|row| row.chain_end.to_string()).collect(),
            wall_clock: table
                .rows()
                .iter()
                .filter(|row| row.is_wall_clock)
                .map(|row| row.severity.to_string())
                .collect(),
            reason: String::new(),
        }
    }

    fn column(&self, column: Column) -> &[String] {
        match column {
            Column::Dispatch => &self.dispatch_minutes,
            Column::Reply => &self.reply_minutes,
            Column::FollowUp => &self.follow_up_hours,
            Column::SecondCallback => &self.second_callback_hours,
            Column::Close => &self.close_days,
        }
    }

    /// What was typed into a cell.
    pub fn value(&self, column: Column, row: usize) -> &str {
        self.column(column).get(row).map_or("", String::as_str)
    }

    /// How far up a severity goes, as chosen.
    pub fn chain(&self, row: usize) -> &str {
        self.chain_end.get(row).map_or("", String::as_str)
    }

    /// Whether the clocks of a severity run while the store is closed, as ticked.
    pub fn is_wall_clock(&self, severity: Severity) -> bool {
        is_grave(severity) || self.wall_clock.iter().any(|code| code == severity.as_str())
    }

    /// Checks every cell against the floor.
    pub fn validate(&self) -> Result<(Vec<Limits>, String), FormErrors> {
        let mut errors = FormErrors::default();
        let mut rows = Vec::new();
        for (index, severity) in Severity::ALL.iter().copied().enumerate() {
            let mut number = |column: Column| self.number(&mut errors, column, index, severity);
            let limits = Limits {
                severity,
                dispatch_minutes: number(Column::Dispatch),
                reply_minutes: number(Column::Reply),
                follow_up_hours: number(Column::FollowUp),
                second_callback_hours: number(Column::SecondCallback),
                close_days: number(Column::Close),
                is_wall_clock: self.is_wall_clock(severity),
                chain_end: self.chain(index).parse().unwrap_or_else(|_| {
                    errors.add(cell("chain_end", severity), FieldError::BadChoice);
                    ChainEnd::CareManager
                }),
            };
            rows.push(limits);
        }
        let reason = errors.required("reason", &self.reason, MAX_REASON);
        errors.finish((rows, reason))
    }

    fn number(&self, errors: &mut FormErrors, column: Column, row: usize, severity: Severity) -> i32 {
        let (least, most) = column.range();
        if !column.is_used(severity) {
            return column.of(&Limits::default_of(severity));
        }
        let typed = crate::text::half_width(self.value(column, row).trim());
        match typed.parse::<i32>() {
            Ok(value) if (least..=most).contains(&value) => return value,
            Ok(_) => errors.add(
                cell(column.field(), severity),
                FieldError::OutOfRange(least.into(), most.into()),
            ),
            Err(_) if typed.is_empty() => errors.add(cell(column.field(), severity), FieldError::Required),
            Err(_) => errors.add(cell(column.field(), severity), FieldError::BadNumber),
        }
        least
    }
}

/// A and B run by the wall clock, whatever the store says (domain.md §16).
pub const fn is_grave(severity: Severity) -> bool {
    matches!(severity, Severity::A | Severity::B)
}

/// `POST /rules/complaints/people`: who stands at the posts of the chain; empty for nobody.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PeopleForm {
    /// Of the store that the form was filled from.
    pub version: String,
    pub department: Vec<String>,
    pub lead: Vec<String>,
    pub service_director: String,
    pub sales_director: String,
    pub general_manager: String,
}

/// The posts, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posts {
    pub leads: Vec<(DepartmentId, Option<UserId>)>,
    pub service_director: Option<UserId>,
    pub sales_director: Option<UserId>,
    pub general_manager: Option<UserId>,
}

impl PeopleForm {
    /// The form of the posts above the departments.
    pub fn of(posts: &StorePosts) -> PeopleForm {
        let id = |person: Option<UserId>| person.map(|id| id.to_string()).unwrap_or_default();
        PeopleForm {
            version: posts.version.to_string(),
            service_director: id(posts.service_director),
            sales_director: id(posts.sales_director),
            general_manager: id(posts.general_manager),
            ..PeopleForm::default()
        }
    }

    /// Whoever is named must work in the store.
    pub fn validate(&self, people: &[UserId]) -> Result<Posts, FormErrors> {
        let mut errors = FormErrors::default();
        let mut person = |field: String, raw: &str| -> Option<UserId> {
            if raw.trim().is_empty() {
                return None;
            }
            let known = raw.trim().parse().ok().filter(|id| people.contains(id));
            if known.is_none() {
                errors.add(field, FieldError::BadChoice);
            }
            known
        };
        let leads = self
            .department
            .iter()
            .zip(&self.lead)
            .filter_map(|(department, lead)| {
                let id: DepartmentId = department.parse().ok()?;
                Some((id, person(format!("lead_{id}"), lead)))
            })
            .collect();
        let posts = Posts {
            leads,
            service_director: person("service_director".to_owned(), &self.service_director),
            sales_director: person("sales_director".to_owned(), &self.sales_director),
            general_manager: person("general_manager".to_owned(), &self.general_manager),
        };
        errors.finish(posts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> TableForm {
        TableForm {
            reason: "总部要求".to_owned(),
            ..TableForm::of(&SeverityTable::default())
        }
    }

    #[test]
    fn the_table_reads_back_as_it_was() {
        let (rows, reason) = form().validate().unwrap();
        assert_eq!(rows, SeverityTable::default().rows());
        assert_eq!(reason, "总部要求");
    }

    #[test]
    fn nothing_is_looser_than_the_floor() {
        for (column, row, value, is_fine) in [
            (Column::Dispatch, 2, "120", true),
            (Column::Dispatch, 2, "121", false),
            (Column::Dispatch, 0, "4", false),
            (Column::Dispatch, 1, "４５", true),
            (Column::Reply, 3, "1440", true),
            (Column::Reply, 3, "1441", false),
            (Column::FollowUp, 3, "25", false),
            (Column::FollowUp, 3, "12", true),
            (Column::SecondCallback, 0, "", false),
            (Column::SecondCallback, 1, "x", false),
            (Column::Close, 3, "31", false),
            // Of a crisis it is not asked.
            (Column::Close, 0, "", true),
        ] {
            let mut form = form();
            let cells = match column {
                Column::Dispatch => &mut form.dispatch_minutes,
                Column::Reply => &mut form.reply_minutes,
                Column::FollowUp => &mut form.follow_up_hours,
                Column::SecondCallback => &mut form.second_callback_hours,
                Column::Close => &mut form.close_days,
            };
            value.clone_into(&mut cells[row]);
            assert_eq!(form.validate().is_ok(), is_fine, "{column:?} {row} {value}");
        }
    }

    #[test]
    fn grave_cases_run_by_the_wall_clock_whatever_is_ticked() {
        let mut form = form();
        form.wall_clock = vec!["C".to_owned()];
        let (rows, _) = form.validate().unwrap();
        let wall: Vec<bool> = rows.iter().map(|row| row.is_wall_clock).collect();
        assert_eq!(wall, [true, true, true, false]);
    }

    #[test]
    fn posts_are_held_by_people_of_the_store() {
        let people = [UserId::new(1), UserId::new(2)];
        let form = PeopleForm {
            department: vec!["7".to_owned(), "8".to_owned()],
            lead: vec!["1".to_owned(), String::new()],
            general_manager: "2".to_owned(),
            ..PeopleForm::default()
        };
        let posts = form.validate(&people).unwrap();
        assert_eq!(
            posts.leads,
            [
                (DepartmentId::new(7), Some(UserId::new(1))),
                (DepartmentId::new(8), None)
            ]
        );
        assert_eq!(posts.general_manager, Some(UserId::new(2)));
        let stranger = PeopleForm {
            sales_director: "3".to_owned(),
            ..form
        };
        assert_eq!(
            stranger
                .validate(&people)
                .unwrap_err()
                .fields()
                .collect::<Vec<_>>(),
            ["sales_director"]
        );
    }
}
