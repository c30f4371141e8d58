//! Demonstration data: two stores with people, customers, cars, visits and two months of worked days, relative to today.
//!
//! Deterministic: the same number of customers on the same day gives the same data. Only an empty database is filled;
//! one that was filled before is served as it is, with the password set anew. Everything here is invented. This is the
//! one place that writes every feature's tables, in a few statements over arrays.

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;

use crate::auth::password::Hasher;
use crate::cli::say;
use crate::stores::StoreScope;

mod appointments;
mod archive;
mod cases;
mod chance;
mod clocks;
mod doubles;
mod history;
mod ledger;
mod lists;
mod names;
mod people;
mod profile;
mod queries;
mod verdicts;
mod workshop;
mod workshop_queries;

/// Customers unless asked otherwise, over both stores.
pub const CUSTOMERS: u32 = 2_000;

/// Fills an empty database, or sets the password anew in one that was filled before; returns what to print.
pub async fn prepare(
    db: &PgPool,
    customers: u32,
    password: Option<&SecretString>,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let password = password.cloned().map_or_else(generated_password, Ok)?;
    let phc = Hasher::new()?.hash(&password).await?;
    if queries::is_demonstration(db).await? {
        queries::set_passwords(db, &people::usernames(), &phc).await?;
    } else {
        if !queries::is_empty(db).await? {
            bail!("this database holds real work: demonstration data goes into an empty one only");
        }
        say("Filling the demonstration …");
        fill(db, customers, &phc, now)
            .await
            .context("filling the demonstration")?;
    }
    let names = people::usernames().join(", ");
    Ok(format!(
        "Sign in as one of: {names}\nPassword of all of them: {}",
        password.expose_secret()
    ))
}

async fn fill(db: &PgPool, customers: u32, phc: &str, now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    let stores = people::open_stores(&mut tx, phc, now).await?;
    tx.commit().await?;
    for (index, store) in stores.iter().enumerate() {
        // Three quarters of the customers belong to the first store.
        let share = if index == 0 {
            customers - customers / 4
        } else {
            customers / 4
        };
        let mut tx = db.begin().await?;
        queries::take_time(&mut *tx).await?;
        archive::fill(&mut tx, *store, index as u64, share, now).await?;
        let scope = StoreScope::for_job(*store);
        profile::describe_people(&mut *tx, scope).await?;
        profile::agree(&mut *tx, scope).await?;
        profile::withdraw(&mut *tx, scope, now).await?;
        profile::tag(&mut *tx, scope, now).await?;
        profile::add_numbers(&mut *tx, scope).await?;
        history::live_through(&mut tx, *store, now).await?;
        verdicts::fill(&mut tx, *store, now).await?;
        doubles::fill(&mut tx, *store, now).await?;
        lists::fill(&mut tx, *store, now).await?;
        appointments::fill(&mut tx, *store, now).await?;
        tx.commit().await?;
    }
    queries::analyze(db).await?;
    Ok(())
}

fn generated_password() -> anyhow::Result<SecretString> {
    let mut bytes = [0u8; 9];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("random numbers: {error}"))?;
    Ok(SecretString::from(hex::encode(bytes)))
}
