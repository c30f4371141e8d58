//! Statements of the best time to call.

use chrono::NaiveDate;
use sqlx::PgExecutor;

use crate::callbacks::model::{Daypart, Disposition, Share};
use crate::customers::CustomerId;
use crate::stores::StoreScope;

struct Row {
    daypart: i16,
    dials: i64,
    answered: i64,
}

fn shares(rows: Vec<Row>) -> Vec<Share> {
    let share = |row: Row| {
        Some(Share {
            daypart: Daypart::from_number(row.daypart)?,
            dials: row.dials,
            answered: row.answered,
        })
    };
    rows.into_iter().filter_map(share).collect()
}

fn answered_codes() -> Vec<String> {
    let answered = Disposition::ALL.iter().filter(|code| code.rule().is_answered);
    answered.map(|code| code.as_str().to_owned()).collect()
}

/// How often this customer answered in each part of the day.
pub async fn of_customer(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<Vec<Share>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select daypart, count(*) as "dials!", count(*) filter (where result = any($3)) as "answered!"
        from attempts
        where store_id = $1
          and customer_id = $2
          and daypart > 0
        group by daypart
        "#,
        scope.get(),
        customer.get(),
        &answered_codes(),
    )
    .fetch_all(db)
    .await?;
    Ok(shares(rows))
}

/// How often the customers of the store answered since a day; read from the index alone.
pub async fn of_store(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    since: NaiveDate,
) -> sqlx::Result<Vec<Share>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select daypart, count(*) as "dials!", count(*) filter (where result = any($3)) as "answered!"
        from attempts
        where store_id = $1
          and on_day >= $2
          and daypart > 0
        group by daypart
        "#,
        scope.get(),
        since,
        &answered_codes(),
    )
    .fetch_all(db)
    .await?;
    Ok(shares(rows))
}
