//! Writing tags; whoever calls brings the transaction.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::Actor;
use crate::customers::tags::forms::TagChoice;
use crate::customers::tags::model::SystemTag;
use crate::customers::tags::{TagKind, queries};
use crate::customers::{self, CustomerId, consents, facts};
use crate::i18n::{Lang, Texts};
use crate::stores::StoreScope;

/// Makes the chosen ones the customer's tags, with a new one if its name was typed. `false`: no such customer.
pub async fn set(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    customer: CustomerId,
    choice: &TagChoice,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if !consents::queries::lock_customer(&mut *db, scope, customer).await? {
        return Ok(false);
    }
    let mut tags = choice.tags.clone();
    if let Some(name) = &choice.new_name {
        tags.push(
            queries::ensure(&mut *db, scope, name, TagKind::Tag, now)
                .await?
                .get(),
        );
    }
    let (added, gone) = queries::set(&mut *db, scope, customer, &tags, now).await?;
    if added + gone > 0 {
        customers::queries::touch(&mut *db, scope, customer, actor.user_id(), now).await?;
        facts::refresh(&mut *db, scope, Some(&[customer.get()])).await?;
        let change = json!({ "added": added, "removed": gone });
        customers::service::record(db, scope, actor, "customers.tags", customer, &change, now).await?;
    }
    Ok(true)
}

/// Gives a customer one more tag; what is no tag of the store is passed over.
pub async fn add(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    customer: CustomerId,
    tag: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if queries::add(&mut *db, scope, customer, tag, now).await? {
        let change = json!({ "added": 1, "removed": 0 });
        customers::service::record(db, scope, actor, "customers.tags", customer, &change, now).await?;
    }
    Ok(())
}

/// The dictionary of a new store; a second call changes nothing.
pub async fn insert_defaults(
    db: &mut PgConnection,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let t = Texts(Lang::Zh).customers();
    let codes: Vec<String> = SystemTag::ALL.iter().map(ToString::to_string).collect();
    let names: Vec<String> = SystemTag::ALL
        .iter()
        .map(|tag| t.system_tag(*tag).to_owned())
        .collect();
    let kinds: Vec<String> = SystemTag::ALL.iter().map(|tag| tag.kind().to_string()).collect();
    queries::insert_defaults(db, scope, (&codes, &names, &kinds), now).await
}
