//! The severity table of a store: how long each clock runs, and how far up its warnings go. Versioned; a case keeps the
//! version under which it was accepted.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::complaints::sla::{Limits, SeverityTable};
use crate::stores::StoreScope;
use crate::web::routes::Routes;

pub mod forms;
mod handlers;
pub mod queries;
pub mod service;

/// Routes of `/rules/complaints`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/rules/complaints", handlers::show)
        .post("/rules/complaints", handlers::save)
        .post("/rules/complaints/people", handlers::save_people)
}

/// A version with who made it and why.
#[derive(Clone, Debug)]
pub struct Version {
    pub table: SeverityTable,
    pub valid_from: DateTime<Utc>,
    pub by: Option<String>,
    pub reason: String,
}

/// Every version of a store's table.
#[derive(Clone, Debug)]
pub struct Tables(Vec<(DateTime<Utc>, SeverityTable)>);

impl Tables {
    /// The table for a case accepted then; before the first version, that one.
    pub fn at(&self, accepted_at: DateTime<Utc>) -> &SeverityTable {
        let found = self.0.iter().rev().find(|(from, _)| *from <= accepted_at);
        &found.or(self.0.first()).expect("there is one version at least").1
    }

    /// The newest version.
    pub fn latest(&self) -> &SeverityTable {
        &self.0.last().expect("there is one version at least").1
    }
}

/// The versions of a store; the defaults if it has none.
pub async fn tables(db: &mut PgConnection, scope: StoreScope) -> sqlx::Result<Tables> {
    let mut tables: Vec<(DateTime<Utc>, SeverityTable)> = versions(db, scope)
        .await?
        .into_iter()
        .rev()
        .map(|version| (version.valid_from, version.table))
        .collect();
    if tables.is_empty() {
        tables.push((DateTime::<Utc>::MIN_UTC, SeverityTable::default()));
    }
    Ok(Tables(tables))
}

/// Version 1 of a store that has just been opened.
pub async fn insert_defaults(
    db: &mut PgConnection,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    queries::insert(db, scope, 1, SeverityTable::default().rows(), (None, "", now)).await?;
    Ok(())
}

/// The versions of a store, newest first.
pub async fn versions(db: &mut PgConnection, scope: StoreScope) -> sqlx::Result<Vec<Version>> {
    let rows = queries::list(db, scope).await?;
    let versions = rows.chunk_by(|a, b| a.version == b.version).filter_map(|rows| {
        let first = rows.first()?;
        let limits: Vec<Limits> = rows.iter().map(queries::Row::limits).collect();
        Some(Version {
            table: SeverityTable::new(first.version, limits),
            valid_from: first.valid_from,
            by: first.created_by_name.clone(),
            reason: first.reason.clone(),
        })
    });
    let mut versions: Vec<Version> = versions.collect();
    versions.reverse();
    Ok(versions)
}
