//! The audit log: its page and its verification.

use care_desk::audit::verify::verify;
use care_desk::auth::permission::Role;

use crate::support::app::with_app;

#[test]
fn the_page_shows_the_stores_chain_newest_first() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let id = app.user("clerk").await;
        admin
            .post(
                &format!("/users/{id}/state"),
                &[("version", "1"), ("state", "inactive")],
            )
            .await;
        let page = admin.get("/audit").await;
        let rows = page.texts("tbody tr");
        assert!(
            rows[0].contains("停用账号") && rows[1].contains("登录"),
            "{rows:?}"
        );
        let filtered = admin.get("/audit?action=auth.sign_in").await;
        assert_eq!(filtered.count("tbody tr"), 1);
        let by_clerk = admin.get(&format!("/audit?person={id}")).await;
        assert_eq!(by_clerk.text(".empty b"), "没有符合条件的记录");
        let group_chain = admin.get("/audit?chain=group").await;
        assert_eq!(
            group_chain.texts("tbody tr").len(),
            rows.len(),
            "the group's chain is for group-wide admins"
        );
        assert_eq!(app.sign_in(Role::Manager).await.get("/audit").await.status, 403);
    });
}

#[test]
fn older_entries_are_on_further_pages() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        sqlx::query(
            "select audit_append($1, $2, null, 'test.entry', 'stores', n, '{}') from generate_series(1, 120) n",
        )
        .bind(app.store)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let mut page = admin.get("/audit?action=test.entry").await;
        let mut seen = page.count("tbody tr");
        while let Some(older) = page.attr("a[rel=next]", "href") {
            page = admin.get(&older).await;
            seen += page.count("tbody tr");
        }
        assert_eq!(seen, 120);
    });
}

#[test]
fn verification_finds_what_was_tampered_with() {
    with_app(async |app| {
        for role in [Role::Admin, Role::Manager, Role::Clerk] {
            app.sign_in(role).await;
        }
        let fine = verify(&app.db).await.unwrap();
        assert!(
            fine.bad.is_empty() && fine.entries >= 5 && fine.chains == 2,
            "{fine:?}"
        );
        for (tampering, seq) in [
            ("update audit set actor_id = 99 where store_id = 1 and seq = 2", 2),
            ("delete from audit where store_id = 1 and seq = 2", 3),
            ("delete from audit where store_id = 1 and seq = 4", 3),
            ("update audit_heads set seq = 3 where store_id = 1", 3),
        ] {
            let mut tx = app.db.begin().await.unwrap();
            sqlx::query("alter table audit disable trigger all")
                .execute(&mut *tx)
                .await
                .unwrap();
            sqlx::query(tampering).execute(&mut *tx).await.unwrap();
            let bad = care_desk::audit::queries::list_bad_any_store(&mut *tx)
                .await
                .unwrap();
            let found: Vec<(i64, i64)> = bad.iter().map(|bad| (bad.store_id, bad.seq)).collect();
            assert_eq!(found, [(1, seq)], "{tampering}");
            tx.rollback().await.unwrap();
        }
    });
}
