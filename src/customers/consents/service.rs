//! Recording what a customer agrees to; whoever calls brings the transaction.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::Actor;
use crate::customers::consents::model::Decision;
use crate::customers::consents::{ConsentChannel, Purpose, queries};
use crate::customers::{self, CustomerId, facts};
use crate::stores::StoreScope;

/// Appends a decision and brings the customer's opt-outs into step: the one place that does. `None`: no such customer; else
/// the purposes it was news about.
pub async fn record(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    customer: CustomerId,
    decision: &Decision,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Vec<Purpose>>> {
    if !queries::lock_customer(&mut *db, scope, customer).await? {
        return Ok(None);
    }
    let news = append(&mut *db, scope, actor, customer, decision, now).await?;
    if !news.is_empty() {
        let change = json!({ "purposes": news, "is_given": decision.is_given });
        customers::service::record(db, scope, actor, "customers.consent", customer, &change, now).await?;
    }
    Ok(Some(news))
}

/// "Do not call me again", said in a call: no surveys and no offers. The audit row is that of the call.
pub async fn refuse_calls(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    customer: CustomerId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let decision = Decision {
        purposes: vec![Purpose::Survey, Purpose::Marketing],
        is_given: false,
        channel: ConsentChannel::Call,
        evidence: String::new(),
    };
    if queries::lock_customer(&mut *db, scope, customer).await?
        && !append(&mut *db, scope, actor, customer, &decision, now)
            .await?
            .is_empty()
    {
        // A fact that a call has changed: the file is looked through in this week's review.
        customers::queries::touch(&mut *db, scope, customer, None, now).await?;
    }
    Ok(())
}

async fn append(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    customer: CustomerId,
    decision: &Decision,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Purpose>> {
    let news = queries::insert(&mut *db, scope, customer, decision, actor.user_id(), now).await?;
    if !news.is_empty() {
        queries::sync_customer(&mut *db, scope, customer).await?;
        facts::refresh(&mut *db, scope, Some(&[customer.get()])).await?;
    }
    Ok(news)
}
