//! `/`: what the signed-in person owes today, by deadline; and the counts in the frame of every page.
//!
//! It only reads: other features' tables with statements of its own, each a range of an index over open rows or over one person's
//! dials. Who works the queue sees calls and deadlines; a receptionist the open cases; an administrator imports and jobs; managers
//! and the group the store in numbers. A handler's day is the list of cases.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use sqlx::PgPool;

use crate::auth::permission::{Permission, Role};
use crate::auth::session::CurrentUser;
use crate::calendar::StoreCalendar;
use crate::web::layout::DeskCounts;
use crate::web::routes::Routes;

mod handlers;
mod queries;
mod ruler;
mod tasks;

pub use tasks::quoted;

/// Routes of `/`.
pub fn routes() -> Routes {
    Routes::new().get("/", handlers::index)
}

/// Open work as the frame shows it; what a role never sees is not counted.
pub async fn desk_counts(db: &PgPool, user: &CurrentUser, now: DateTime<Utc>) -> sqlx::Result<DeskCounts> {
    let wanted = queries::Wanted {
        callbacks: user.can(Permission::ViewCallbacks),
        complaints: user.can(Permission::ViewComplaints),
        own_complaints: user.role == Role::Handler,
        reminders: user.can(Permission::WorkReminders),
        risks: user.can(Permission::ViewRisks),
    };
    let today = Today::at(now, user.store.zone);
    queries::desk_counts(db, user.scope(), user.id, today, wanted).await
}

/// The store's calendar day at an instant, with its bounds.
#[derive(Clone, Copy, Debug)]
struct Today {
    now: DateTime<Utc>,
    day: NaiveDate,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// Midnight that began Monday.
    week_starts_at: DateTime<Utc>,
}

impl Today {
    fn at(now: DateTime<Utc>, zone: Tz) -> Today {
        let calendar = StoreCalendar::new(zone);
        let day = calendar.local_day(now);
        let (starts_at, ends_at) = calendar.day_span(day);
        let monday = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
        Today {
            now,
            day,
            starts_at,
            ends_at,
            week_starts_at: calendar.day_span(monday).0,
        }
    }
}
