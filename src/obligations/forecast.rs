//! What a change of a rule would make: the generator runs under both versions, counts, and everything is taken back.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use sqlx::{Connection, PgConnection, PgPool};

use crate::auth::session::CurrentUser;
use crate::obligations::generate;
use crate::obligations::queries::forecast as queries;
pub use crate::obligations::queries::forecast::Figures;
use crate::rules::queries::Because;
use crate::rules::{self, Rule};
use crate::stores::StoreScope;

/// Days that are looked ahead, tomorrow included.
const SPAN: u64 = 30;

/// Tomorrow, and the days from tomorrow on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    pub tomorrow: Figures,
    pub month: Figures,
}

/// The version in force beside the proposed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    pub before: Forecast,
    pub after: Forecast,
}

/// Both forecasts; nothing is left of them.
pub async fn compare(
    db: &PgPool,
    user: &CurrentUser,
    before: &Rule,
    after: &Rule,
    today: NaiveDate,
) -> sqlx::Result<Comparison> {
    let scope = user.scope();
    let mut tx = db.begin().await?;
    // A month of a big store is more than the limit of a request's statement has room for.
    queries::allow_a_minute(&mut *tx).await?;
    let as_is = taken_back(&mut tx, scope, before, today).await?;
    let because = Because {
        user: user.id,
        reason: "",
        now: DateTime::<Utc>::default(),
    };
    rules::service::write(&mut tx, scope, before, after, because).await?;
    let proposed = taken_back(&mut tx, scope, before, today).await?;
    tx.rollback().await?;
    Ok(Comparison {
        before: as_is,
        after: proposed,
    })
}

/// A forecast between a savepoint and its rollback.
async fn taken_back(
    tx: &mut PgConnection,
    scope: StoreScope,
    rule: &Rule,
    today: NaiveDate,
) -> sqlx::Result<Forecast> {
    let mut inner = tx.begin().await?;
    let forecast = forecast(&mut inner, scope, rule, today).await?;
    inner.rollback().await?;
    Ok(forecast)
}

async fn forecast(
    tx: &mut PgConnection,
    scope: StoreScope,
    rule: &Rule,
    today: NaiveDate,
) -> sqlx::Result<Forecast> {
    let tomorrow = today + Days::new(1);
    let last = today + Days::new(SPAN);
    let versions = rules::queries::list_between(&mut *tx, scope, rule.kind, (tomorrow, last)).await?;
    let run_at = queries::day_starts_at(&mut *tx, scope, tomorrow).await? + TimeDelta::hours(5);
    let floor = queries::highest_id(&mut *tx, scope).await?;
    generate::fix_join_order(&mut *tx).await?;
    run(&mut *tx, scope, &versions, (tomorrow, tomorrow), run_at).await?;
    let first = queries::count(&mut *tx, scope, rule, (floor, run_at)).await?;
    run(&mut *tx, scope, &versions, (tomorrow, last), run_at).await?;
    let month = queries::count(&mut *tx, scope, rule, (floor, run_at)).await?;
    generate::free_join_order(tx).await?;
    Ok(Forecast {
        tomorrow: first,
        month,
    })
}

/// The runs of some days at once: which events they take does not depend on the order.
async fn run(
    tx: &mut PgConnection,
    scope: StoreScope,
    versions: &[Rule],
    days: (NaiveDate, NaiveDate),
    run_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    if let (Some(rule), Some(window)) = (versions.first(), window(versions, days)) {
        let monday = days.0 - TimeDelta::days(i64::from(days.0.weekday().num_days_from_monday()));
        generate::generate(tx, scope, rule.kind, window, monday, run_at).await?;
    }
    Ok(())
}

/// The days that the runs of some days look at: windows of neighbouring days overlap or touch, so they are one span.
fn window(versions: &[Rule], (from, to): (NaiveDate, NaiveDate)) -> Option<(NaiveDate, NaiveDate)> {
    let mut span: Option<(NaiveDate, NaiveDate)> = None;
    for day in from.iter_days().take_while(|day| *day <= to) {
        let version = versions.iter().rev().find(|version| version.valid_from <= day);
        if let Some(version) = version.filter(|version| version.is_enabled) {
            let (first, last) = version.window(day);
            span = Some(span.map_or((first, last), |(from, to)| (from.min(first), to.max(last))));
        }
    }
    span
}
