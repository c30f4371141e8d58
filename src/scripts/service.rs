//! Defaults of a new store, bodies read into their types, and the life of a version from draft to retired.

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::scripts::model::{Questionnaire, Reason, Talk};
use crate::scripts::queries::{self, CurrentVersion, NewScripts};
use crate::scripts::{ScriptId, ScriptKind, ScriptVersionId, defaults};
use crate::stores::StoreScope;
use crate::users::UserId;

/// Writes version 1 of every default script of a store that has just been opened.
pub async fn insert_defaults(
    tx: &mut PgConnection,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let encode = |error| sqlx::Error::Encode(Box::new(error));
    let mut new = NewScripts::default();
    for (for_kind, name, talk) in defaults::talks() {
        let body = serde_json::to_value(talk).map_err(encode)?;
        new.push(ScriptKind::Talk, for_kind, name, body);
    }
    let questionnaire = serde_json::to_value(defaults::questionnaire()).map_err(encode)?;
    new.push(
        ScriptKind::Questionnaire,
        "post_service",
        "售后回访问卷",
        questionnaire,
    );
    queries::insert_first_versions(tx, scope, &new, now).await
}

impl NewScripts {
    fn push(&mut self, kind: ScriptKind, for_kind: &str, name: &str, body: Value) {
        self.kinds.push(kind.as_str().to_owned());
        self.for_kinds.push(for_kind.to_owned());
        self.names.push(name.to_owned());
        self.bodies.push(body);
    }
}

/// A version with its body read.
pub struct Version<T> {
    pub id: ScriptVersionId,
    /// The occasion; `*` for any.
    pub for_kind: String,
    pub name: String,
    pub version: i32,
    pub body: T,
}

/// The talks in use for these occasions, and the one for any occasion at the end.
pub async fn current_talks(
    db: &mut PgConnection,
    scope: StoreScope,
    for_kinds: &[String],
) -> anyhow::Result<Vec<Version<Talk>>> {
    let found = queries::list_current(db, scope, ScriptKind::Talk, for_kinds).await?;
    found.into_iter().map(read).collect()
}

/// The talk of an occasion among these, else the one for any.
pub fn talk_for<'a>(talks: &'a [Version<Talk>], kind: &str) -> Option<&'a Version<Talk>> {
    let own = talks.iter().find(|talk| talk.for_kind == kind);
    own.or_else(|| talks.iter().find(|talk| talk.for_kind == defaults::ANY))
}

/// The questionnaire for an occasion.
pub async fn current_questionnaire(
    db: &mut PgConnection,
    scope: StoreScope,
    for_kind: &str,
) -> anyhow::Result<Option<Version<Questionnaire>>> {
    let for_kinds = [for_kind.to_owned()];
    let found = queries::list_current(db, scope, ScriptKind::Questionnaire, &for_kinds).await?;
    found.into_iter().next().map(read).transpose()
}

/// The questionnaire that was on the screen, even if a newer one has been published since; never a draft.
pub async fn asked_questionnaire(
    db: &mut PgConnection,
    scope: StoreScope,
    id: ScriptVersionId,
) -> anyhow::Result<Option<Version<Questionnaire>>> {
    queries::find_asked(db, scope, id).await?.map(read).transpose()
}

/// A reason as it read in the call that led to a complaint, by whichever version was asked there.
pub async fn reason(
    db: &mut PgConnection,
    scope: StoreScope,
    callback: Option<i64>,
    code: &str,
) -> anyhow::Result<Option<Reason>> {
    if code.is_empty() {
        return Ok(None);
    }
    let found = queries::find_reason(db, scope, callback, code).await?;
    found.map(body).transpose()
}

fn read<T: DeserializeOwned>(found: CurrentVersion) -> anyhow::Result<Version<T>> {
    Ok(Version {
        id: found.id,
        for_kind: found.for_kind,
        name: found.name,
        version: found.version,
        body: body(found.body)?,
    })
}

/// Reads a stored body.
pub fn body<T: DeserializeOwned>(value: Value) -> anyhow::Result<T> {
    serde_json::from_value(value).context("a stored script cannot be read")
}

/// Who changes a script when.
#[derive(Clone, Copy)]
pub struct By {
    pub user: UserId,
    pub now: DateTime<Utc>,
}

/// Saves the draft over the revision it was loaded with; 0 begins one. Its number; `None`: somebody else was faster.
pub async fn save_draft(
    tx: &mut PgConnection,
    scope: StoreScope,
    id: ScriptId,
    revision: i32,
    body: &Value,
    by: By,
) -> sqlx::Result<Option<i32>> {
    queries::lock(&mut *tx, scope, id).await?;
    let saved = if revision > 0 {
        queries::update_draft(&mut *tx, scope, id, revision, body, by.user, by.now).await?
    } else if queries::has_draft(&mut *tx, scope, id).await? {
        None
    } else {
        Some(queries::insert_draft(&mut *tx, scope, id, body, by.user, by.now).await?)
    };
    if let Some(version) = saved {
        record(tx, scope, id, "scripts.edit", json!({ "version": version }), by).await?;
    }
    Ok(saved)
}

/// Publishes the draft of this revision and retires the version before it; the number of the new one.
pub async fn publish(
    tx: &mut PgConnection,
    scope: StoreScope,
    id: ScriptId,
    revision: i32,
    by: By,
) -> sqlx::Result<Option<i32>> {
    queries::lock(&mut *tx, scope, id).await?;
    queries::retire_current(&mut *tx, scope, id, by.now).await?;
    let published = queries::publish_draft(&mut *tx, scope, id, revision, by.user, by.now).await?;
    if let Some(version) = published {
        record(
            tx,
            scope,
            id,
            "scripts.publish",
            json!({ "version": version }),
            by,
        )
        .await?;
    }
    Ok(published)
}

/// Throws the draft away; `false`: there is none.
pub async fn discard(tx: &mut PgConnection, scope: StoreScope, id: ScriptId, by: By) -> sqlx::Result<bool> {
    queries::lock(&mut *tx, scope, id).await?;
    let is_gone = queries::delete_draft(&mut *tx, scope, id).await?;
    if is_gone {
        record(tx, scope, id, "scripts.discard", json!({}), by).await?;
    }
    Ok(is_gone)
}

/// A talk of its own for an occasion, begun as a draft that reads like `body`; `None`: the occasion has one.
pub async fn create_talk(
    tx: &mut PgConnection,
    scope: StoreScope,
    for_kind: &str,
    name: &str,
    body: &Value,
    by: By,
) -> sqlx::Result<Option<ScriptId>> {
    let Some(id) = queries::insert(&mut *tx, scope, ScriptKind::Talk, for_kind, name).await? else {
        return Ok(None);
    };
    queries::insert_draft(&mut *tx, scope, id, body, by.user, by.now).await?;
    record(
        tx,
        scope,
        id,
        "scripts.create",
        json!({ "for_kind": for_kind }),
        by,
    )
    .await?;
    Ok(Some(id))
}

async fn record(
    tx: &mut PgConnection,
    scope: StoreScope,
    id: ScriptId,
    action: &'static str,
    change: Value,
    by: By,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(scope.store_id()),
        actor: Actor::User(by.user),
        action,
        subject: "scripts",
        subject_id: Some(id.get()),
        change: &change,
    };
    audit::record(tx, by.now, entry).await
}
