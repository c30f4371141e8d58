//! Writing customers and numbers; whoever calls brings the transaction.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::customers::model::{Birthday, Customer, CustomerPhone};
use crate::customers::phone::{Phone, PhoneKind};
use crate::customers::search_keys::search_keys;
use crate::customers::{
    ContactChannel, CustomerId, CustomerKind, CustomerSource, Daypart, PhoneId, PhoneState, PreferredDays,
    facts, queries,
};
use crate::stores::StoreScope;
use crate::users::UserId;

/// What a form says about a customer, checked.
#[derive(Clone)]
pub struct CustomerInput {
    pub kind: CustomerKind,
    pub name: String,
    pub salutation: Option<String>,
    pub grade: Option<String>,
    pub note: String,
    pub preferred_channel: ContactChannel,
    pub preferred_days: PreferredDays,
    pub preferred_daypart: Option<Daypart>,
    pub birthday: Option<Birthday>,
    pub district: String,
    /// `None`: the one there is stays; it is never shown whole, so a form cannot send it back.
    pub address: Option<String>,
    pub source: Option<CustomerSource>,
    pub source_note: String,
    pub habits: String,
    /// The company a contact person belongs to.
    pub parent_id: Option<CustomerId>,
    pub keeper_id: Option<UserId>,
}

impl CustomerInput {
    /// A person of whom nothing but the name is known.
    pub fn person(name: &str) -> CustomerInput {
        CustomerInput {
            kind: CustomerKind::Person,
            name: name.to_owned(),
            salutation: None,
            grade: None,
            note: String::new(),
            preferred_channel: ContactChannel::Call,
            preferred_days: PreferredDays::Any,
            preferred_daypart: None,
            birthday: None,
            district: String::new(),
            address: None,
            source: None,
            source_note: String::new(),
            habits: String::new(),
            parent_id: None,
            keeper_id: None,
        }
    }
}

/// A number that was typed, with what exactly was typed.
#[derive(Clone)]
pub struct PhoneInput {
    pub number: Phone,
    pub raw: String,
    pub state: PhoneState,
}

/// What a form says about an existing number; no number = it stays.
#[derive(Clone)]
pub struct PhoneChange {
    pub number: Option<PhoneInput>,
    pub state: PhoneState,
    pub sms_opt_out: bool,
    pub make_main: bool,
}

/// A new customer with numbers, the first of which is the main one.
pub async fn create(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    input: &CustomerInput,
    phones: &[PhoneInput],
    now: DateTime<Utc>,
) -> sqlx::Result<CustomerId> {
    let grams = search_keys(scope.get(), &input.name);
    let id = queries::insert(&mut *db, scope, input, &grams, now).await?;
    for (index, phone) in phones.iter().enumerate() {
        queries::insert_phone(&mut *db, scope, id, phone, index == 0).await?;
    }
    facts::refresh(&mut *db, scope, Some(&[id.get()])).await?;
    let change = json!({ "phones": phones.len() });
    record(db, scope, actor, "customers.create", id, &change, now).await?;
    Ok(id)
}

/// Changes a customer. `false`: somebody else was faster.
pub async fn update(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    before: &Customer,
    version: i32,
    input: &CustomerInput,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let grams = search_keys(scope.get(), &input.name);
    let by = actor.user_id();
    if !queries::update(&mut *db, scope, before.id, version, input, &grams, by, now).await? {
        return Ok(false);
    }
    facts::refresh(&mut *db, scope, Some(&[before.id.get()])).await?;
    let change = json!({ "fields": changed_fields(before, input) });
    record(db, scope, actor, "customers.update", before.id, &change, now).await?;
    Ok(true)
}

/// Adds a number; it becomes the main one if the customer has no other.
pub async fn add_phone(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    customer: CustomerId,
    phone: &PhoneInput,
    now: DateTime<Utc>,
) -> sqlx::Result<PhoneId> {
    let is_first = queries::list_phones(&mut *db, scope, customer).await?.is_empty();
    let id = queries::insert_phone(&mut *db, scope, customer, phone, is_first).await?;
    touched(&mut *db, scope, actor, customer, now).await?;
    let change = json!({ "phone_id": id });
    record(db, scope, actor, "customers.add_phone", customer, &change, now).await?;
    Ok(id)
}

/// Changes a number, its state, or makes it the main one. A number that was replaced starts as unverified.
pub async fn update_phone(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    customer: CustomerId,
    before: &CustomerPhone,
    change: &PhoneChange,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (number, raw, kind): (&str, &str, PhoneKind) = match &change.number {
        Some(new) => (new.number.as_str(), &new.raw, new.number.kind()),
        None => (&before.number, &before.number, before.kind),
    };
    let state = (change.state, change.sms_opt_out);
    queries::update_phone(&mut *db, scope, before.id, (number, raw, kind), state, now).await?;
    if change.make_main && !before.is_main {
        queries::clear_main_phone(&mut *db, scope, customer).await?;
        queries::set_main_phone(&mut *db, scope, before.id).await?;
    }
    touched(&mut *db, scope, actor, customer, now).await?;
    let mut fields = Vec::new();
    if number != before.number {
        fields.push("number");
    }
    if change.state != before.state {
        fields.push("state");
    }
    if change.make_main && !before.is_main {
        fields.push("is_main");
    }
    if change.sms_opt_out != before.sms_opt_out {
        fields.push("sms_opt_out");
    }
    let change = json!({ "phone_id": before.id, "fields": fields });
    record(db, scope, actor, "customers.update_phone", customer, &change, now).await
}

/// A change beside the form: the file is as fresh as after an edit.
async fn touched(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    customer: CustomerId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    queries::touch(&mut *db, scope, customer, actor.user_id(), now).await?;
    facts::refresh(&mut *db, scope, Some(&[customer.get()])).await?;
    Ok(())
}

/// Names, never values: an erasure must not break the audit chain.
fn changed_fields(before: &Customer, after: &CustomerInput) -> Vec<&'static str> {
    [
        ("kind", before.kind != after.kind),
        ("name", before.name != after.name),
        ("salutation", before.salutation != after.salutation),
        ("grade", before.grade != after.grade),
        ("note", before.note != after.note),
        (
            "preferred_channel",
            before.preferred_channel != after.preferred_channel,
        ),
        ("preferred_days", before.preferred_days != after.preferred_days),
        (
            "preferred_daypart",
            before.preferred_daypart != after.preferred_daypart,
        ),
        ("birthday", before.birthday() != after.birthday),
        ("district", before.district != after.district),
        (
            "address",
            after
                .address
                .as_ref()
                .is_some_and(|address| *address != before.address),
        ),
        ("source", before.source != after.source),
        ("source_note", before.source_note != after.source_note),
        ("habits", before.habits != after.habits),
        ("parent_id", before.parent_id != after.parent_id),
        ("keeper_id", before.keeper_id != after.keeper_id),
    ]
    .into_iter()
    .filter_map(|(field, has_changed)| has_changed.then_some(field))
    .collect()
}

/// Appends to the audit log about a customer.
pub async fn record(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    action: &'static str,
    customer: CustomerId,
    change: &serde_json::Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(scope.store_id()),
        actor,
        action,
        subject: "customers",
        subject_id: Some(customer.get()),
        change,
    };
    audit::record(db, now, entry).await
}
