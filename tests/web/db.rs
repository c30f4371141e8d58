//! What errors of the database mean, and the settings of its sessions.

use care_desk::db::{OnConstraint, check_encoding, is_check_violation, is_unavailable, is_unique_violation};
use sqlx::{Executor, PgPool};

use crate::support::cluster::with_db;

#[derive(Debug)]
enum NameError {
    Taken,
    Sqlx(sqlx::Error),
}

impl From<sqlx::Error> for NameError {
    fn from(err: sqlx::Error) -> NameError {
        NameError::Sqlx(err)
    }
}

async fn make_table(db: &PgPool) {
    db.execute(
        "create table names (
             name text constraint names_unique unique,
             age integer constraint names_age_check check (age >= 0)
         );
         insert into names (name) values ('王芳')",
    )
    .await
    .unwrap();
}

#[test]
fn a_breach_is_known_by_the_name_of_its_constraint() {
    with_db(|db| async move {
        make_table(&db).await;
        let twice = db
            .execute("insert into names (name) values ('王芳')")
            .await
            .unwrap_err();
        assert!(is_unique_violation(&twice, "names_unique"));
        assert!(!is_unique_violation(&twice, "other"));
        assert!(!is_check_violation(&twice, "names_unique"));

        let negative = db
            .execute("insert into names (name, age) values ('李娜', -1)")
            .await
            .unwrap_err();
        assert!(is_check_violation(&negative, "names_age_check"));
        assert!(!is_check_violation(&negative, "names_unique"));
        assert!(!is_unavailable(&negative));
    });
}

#[test]
fn on_constraint_turns_only_the_named_breach() {
    with_db(|db| async move {
        make_table(&db).await;
        let insert = || db.execute("insert into names (name) values ('王芳')");
        let named = insert().await.on_constraint("names_unique", |_| NameError::Taken);
        assert!(matches!(named, Err(NameError::Taken)), "{named:?}");
        let other = insert()
            .await
            .on_constraint("names_age_check", |_| NameError::Taken);
        let Err(NameError::Sqlx(other)) = other else {
            panic!("{other:?}")
        };
        assert!(is_unique_violation(&other, "names_unique"));
    });
}

#[test]
fn an_ended_session_and_a_closed_pool_are_unavailability() {
    with_db(|db| async move {
        let ended = db
            .execute("select pg_terminate_backend(pg_backend_pid())")
            .await
            .unwrap_err();
        assert!(is_unavailable(&ended), "{ended:?}");
        let unknown = db.execute("select from nowhere").await.unwrap_err();
        assert!(!is_unavailable(&unknown), "{unknown:?}");
        db.close().await;
        assert!(is_unavailable(&db.execute("select 1").await.unwrap_err()));
    });
}

#[test]
fn every_session_has_our_limits() {
    with_db(|db| async move {
        for (setting, value) in [
            ("statement_timeout", "15s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "30s"),
            ("plan_cache_mode", "force_custom_plan"),
        ] {
            let found: String = sqlx::query_scalar("select current_setting($1)")
                .bind(setting)
                .fetch_one(&db)
                .await
                .unwrap();
            assert_eq!(found, value, "{setting}");
        }
    });
}

#[test]
fn a_private_database_is_fit() {
    with_db(|db| async move { check_encoding(&db).await.unwrap() });
}

#[test]
fn a_database_in_another_encoding_is_refused() {
    with_db(|db| async move {
        let name = format!("t_latin_{}", uuid::Uuid::new_v4().simple());
        let create = format!("create database {name} encoding 'LATIN1' locale 'C' template template0");
        db.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
        let options = db.connect_options().as_ref().clone().database(&name);
        let latin = PgPool::connect_with(options).await.unwrap();
        let refused = check_encoding(&latin).await.unwrap_err();
        latin.close().await;
        db.execute(sqlx::AssertSqlSafe(format!("drop database {name}")))
            .await
            .unwrap();
        assert!(refused.to_string().contains("LATIN1"), "{refused}");
    });
}
