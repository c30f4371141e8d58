//! Defaults of a new store, and bodies read into their types.

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;

use crate::scripts::model::{Questionnaire, Talk};
use crate::scripts::queries::{self, CurrentVersion, NewScripts};
use crate::scripts::{ScriptVersionId, defaults};
use crate::stores::StoreScope;

/// Writes version 1 of every default script of a store that has just been opened.
pub async fn insert_defaults(
    tx: &mut PgConnection,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let encode = |error| sqlx::Error::Encode(Box::new(error));
    let mut new = NewScripts::default();
    for (for_kind, name, talk) in defaults::talks() {
        new.push(
            "talk",
            for_kind,
            name,
            serde_json::to_value(talk).map_err(encode)?,
        );
    }
    let questionnaire = serde_json::to_value(defaults::questionnaire()).map_err(encode)?;
    new.push("questionnaire", "post_service", "售后回访问卷", questionnaire);
    queries::insert_first_versions(tx, scope, &new, now).await
}

impl NewScripts {
    fn push(&mut self, kind: &str, for_kind: &str, name: &str, body: Value) {
        self.kinds.push(kind.to_owned());
        self.for_kinds.push(for_kind.to_owned());
        self.names.push(name.to_owned());
        self.bodies.push(body);
    }
}

/// A version with its body read.
pub struct Version<T> {
    pub id: ScriptVersionId,
    pub name: String,
    pub version: i32,
    pub body: T,
}

/// The talk for an occasion (kind of obligation).
pub async fn current_talk(
    db: &mut PgConnection,
    scope: StoreScope,
    for_kind: &str,
) -> anyhow::Result<Option<Version<Talk>>> {
    let found = queries::find_current(db, scope, "talk", for_kind).await?;
    found.map(read).transpose()
}

/// The questionnaire for an occasion.
pub async fn current_questionnaire(
    db: &mut PgConnection,
    scope: StoreScope,
    for_kind: &str,
) -> anyhow::Result<Option<Version<Questionnaire>>> {
    let found = queries::find_current(db, scope, "questionnaire", for_kind).await?;
    found.map(read).transpose()
}

/// The questionnaire that was on the screen, even if a newer one has been published since.
pub async fn questionnaire(
    db: &mut PgConnection,
    scope: StoreScope,
    id: ScriptVersionId,
) -> anyhow::Result<Option<Questionnaire>> {
    let found = queries::find_body(db, scope, id).await?;
    found.map(body).transpose()
}

fn read<T: DeserializeOwned>(found: CurrentVersion) -> anyhow::Result<Version<T>> {
    Ok(Version {
        id: found.id,
        name: found.name,
        version: found.version,
        body: body(found.body)?,
    })
}

fn body<T: DeserializeOwned>(value: Value) -> anyhow::Result<T> {
    serde_json::from_value(value).context("a stored script cannot be read")
}
