//! The job of reviews: this week's list grows by what happened yesterday.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;
use sqlx::PgConnection;

use crate::customers;
use crate::customers::completeness::Field;
use crate::reviews::model::Week;
use crate::reviews::queries::{self, LOOKBACK_DAYS};
use crate::stores::StoreScope;

/// What one run did, and how the files of the store stand. Written to `job_runs.counts` as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub listed: i64,
    /// Ended because the file was edited on the customer's own page.
    pub edited: i64,
    pub gone: i64,
    pub files: i64,
    pub fields: i64,
    pub filled: i64,
    pub incomplete: i64,
    pub stale: i64,
    /// Mandatory fields of the week's files, and how many of them are filled.
    pub week_fields: i64,
    pub week_filled: i64,
}

/// `generate-reviews`: the run of a day; also catches up a missed one. A second run does nothing.
pub async fn generate_reviews(
    tx: &mut PgConnection,
    scope: StoreScope,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Summary> {
    // What cars and policies say about a file may have changed without it: the night puts it right.
    customers::facts::refresh(&mut *tx, scope, None).await?;
    list(&mut *tx, scope, day, now).await
}

/// The run without deriving facts anew.
pub async fn list(
    tx: &mut PgConnection,
    scope: StoreScope,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Summary> {
    let edited = queries::settle_edited(&mut *tx, scope).await?;
    let gone = queries::cancel_gone(&mut *tx, scope, now).await?;
    let days = (day - TimeDelta::days(LOOKBACK_DAYS), day);
    let monday = Week::of(day).monday;
    let listed = queries::generate(&mut *tx, scope, days, monday, now).await?;
    let stale_after = queries::stale_after_days(&mut *tx, scope).await?;
    let stale_before = now - TimeDelta::days(i64::from(stale_after));
    let base = queries::count_base(&mut *tx, scope, stale_before, monday).await?;
    let per_file = Field::ALL.len() as i64;
    let (fields, week_fields) = (base.files * per_file, base.week_files * per_file);
    Ok(Summary {
        listed,
        edited,
        gone,
        files: base.files,
        fields,
        filled: fields - base.missing,
        incomplete: base.incomplete,
        stale: base.stale,
        week_fields,
        week_filled: week_fields - base.week_missing,
    })
}
