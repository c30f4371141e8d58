//! Making the case, or adding to the one that it belongs to; whoever calls brings the transaction.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::complaints::intake::forms::Caller;
use crate::complaints::intake::queries;
use crate::complaints::service::NewComplaint;
use crate::complaints::{ComplaintId, clocks};
use crate::customers::service::CustomerInput;
use crate::customers::{self, CustomerId};
use crate::stores::StoreScope;
use crate::users::UserId;

/// The file of somebody who called: the one that has this very name and number, else a new one.
pub async fn file_of_caller(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    caller: &Caller,
    now: DateTime<Utc>,
) -> sqlx::Result<CustomerId> {
    if let Some(phone) = &caller.phone {
        let same = customers::queries::list_by_phone(&mut *tx, scope, phone.number.as_str(), 10).await?;
        for id in same {
            let known = queries::find_caller(&mut *tx, scope, id).await?;
            if known.is_some_and(|known| known.name == caller.name) {
                return Ok(id);
            }
        }
    }
    let input = CustomerInput::person(&caller.name);
    customers::service::create(tx, scope, actor, &input, caller.phone.as_slice(), now).await
}

/// Adds what a customer said to a case that is open; its number. `None`: it has ended meanwhile.
pub async fn join(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: UserId,
    case: ComplaintId,
    said: &NewComplaint,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<String>> {
    let Some(number) = queries::touch_open(&mut *tx, scope, case, now).await? else {
        return Ok(None);
    };
    let body = match &said.demand {
        Some(demand) => format!("{}\n\n{demand}", said.words),
        None => said.words.clone(),
    };
    let data = json!({
        "said_again": true,
        "channel": said.channel,
        "severity": said.severity,
        "signs": said.signs,
        "demand_kind": said.demand_kind,
        "external_number": said.external_number,
    });
    queries::insert_said_again(&mut *tx, scope, case, by, now, &body, &data).await?;
    clocks::sync(&mut *tx, scope, case, now).await?;
    let change = json!({ "channel": said.channel, "severity": said.severity });
    let entry = Entry {
        store: Some(scope.store_id()),
        actor: Actor::User(by),
        action: "complaints.join",
        subject: "complaints",
        subject_id: Some(case.get()),
        change: &change,
    };
    audit::record(&mut *tx, now, entry).await?;
    Ok(Some(number))
}
