//! Rules of a new store, changes of a rule, and taking one back.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

use crate::audit::{self, Entry};
use crate::auth::session::CurrentUser;
use crate::rules::fields::{self, Field};
use crate::rules::model::{DEFAULTS, Rule};
use crate::rules::queries::{self, Because};
use crate::rules::{RuleId, RuleKind};
use crate::stores::{StoreId, StoreScope};

/// Version 1 of every rule and the plan for all models; a second call changes nothing.
pub async fn insert_defaults(tx: &mut PgConnection, store: StoreId, now: DateTime<Utc>) -> sqlx::Result<()> {
    let scope = StoreScope::for_job(store);
    for rule in DEFAULTS {
        queries::insert_default(&mut *tx, scope, rule, now).await?;
    }
    queries::insert_default_plan(tx, scope).await
}

/// Ends the version in force on the day on which the new one begins. `None`: somebody else changed the rule meanwhile.
pub async fn change(
    tx: &mut PgConnection,
    user: &CurrentUser,
    before: &Rule,
    after: &Rule,
    reason: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<RuleId>> {
    let because = Because {
        user: user.id,
        reason,
        now,
    };
    let Some(id) = write(&mut *tx, user.scope(), before, after, because).await? else {
        return Ok(None);
    };
    let mut values = Map::new();
    for field in fields::changes(before, after) {
        values.insert(
            field.to_string(),
            json!([value(field, before), value(field, after)]),
        );
    }
    let change = json!({ "kind": after.kind, "valid_from": after.valid_from, "fields": values });
    record(tx, user, "rules.change", id, &change, now).await?;
    Ok(Some(id))
}

/// The two statements of a change, without a record: the preview runs them and takes them back.
pub async fn write(
    tx: &mut PgConnection,
    scope: StoreScope,
    before: &Rule,
    after: &Rule,
    because: Because<'_>,
) -> sqlx::Result<Option<RuleId>> {
    if !queries::end_version(&mut *tx, scope, before, after.valid_from).await? {
        return Ok(None);
    }
    Ok(Some(queries::insert_version(tx, scope, after, because).await?))
}

/// Takes back a version whose first day is still to come; the one before goes on. `false`: too late, or done before.
pub async fn withdraw(
    tx: &mut PgConnection,
    user: &CurrentUser,
    (id, kind): (RuleId, RuleKind),
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if !queries::withdraw(&mut *tx, user.scope(), id, today, (user.id, now)).await? {
        return Ok(false);
    }
    queries::go_on(&mut *tx, user.scope(), id).await?;
    record(tx, user, "rules.withdraw", id, &json!({ "kind": kind }), now).await?;
    Ok(true)
}

/// Sets from which share of exempt entries on the ledger warns.
pub async fn set_exempt_limit(
    tx: &mut PgConnection,
    user: &CurrentUser,
    percent: i16,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    queries::set_exempt_limit(&mut *tx, user.scope(), percent).await?;
    let entry = Entry {
        store: Some(user.scope().store_id()),
        actor: user.actor(),
        action: "rules.settings",
        subject: "stores",
        subject_id: Some(user.scope().get()),
        change: &json!({ "exempt_limit": percent }),
    };
    audit::record(tx, now, entry).await
}

fn value(field: Field, rule: &Rule) -> Value {
    match field {
        Field::IsEnabled => json!(rule.is_enabled),
        Field::Codes => json!(rule.codes),
        Field::VisitTypes => json!(rule.visit_types),
        Field::Offsets => json!(rule.offsets),
        Field::MonthDay
        | Field::ThresholdDays
        | Field::CadenceDays
        | Field::HorizonDays
        | Field::DueDays
        | Field::LookbackDays
        | Field::MessageDays
        | Field::MinDials
        | Field::MinDays
        | Field::MinDayparts
        | Field::RetryMinutes => json!(field.number(rule)),
    }
}

async fn record(
    tx: &mut PgConnection,
    user: &CurrentUser,
    action: &'static str,
    id: RuleId,
    change: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(user.scope().store_id()),
        actor: user.actor(),
        action,
        subject: "rules",
        subject_id: Some(id.get()),
        change,
    };
    audit::record(tx, now, entry).await
}
