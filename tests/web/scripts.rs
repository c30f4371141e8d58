//! Scripts of a new store, and answers that stay with the version that was asked.

use crate::support::app::with_app;

#[test]
fn every_store_opens_with_its_scripts() {
    with_app(async |app| {
        let rows: Vec<String> = sqlx::query_scalar(
            "select concat_ws('/', s.kind, s.for_kind, v.version, (v.published_at is not null)::text)
             from scripts s join script_versions v on v.store_id = s.store_id and v.script_id = s.id
             where s.store_id = $1 order by s.id",
        )
        .bind(app.store)
        .fetch_all(&app.db)
        .await
        .unwrap();
        assert_eq!(
            rows,
            [
                "talk/post_service/1/true",
                "talk/*/1/true",
                "questionnaire/post_service/1/true"
            ]
        );
        let per_store = app
            .count("select count(distinct store_id) from script_versions")
            .await;
        assert_eq!(per_store, 2);
    });
}

#[test]
fn a_retired_version_is_still_readable_and_the_new_one_is_asked() {
    with_app(async |app| {
        let mut db = app.db.acquire().await.unwrap();
        let scope = app.scope();
        let first = care_desk::scripts::service::current_questionnaire(&mut db, scope, "post_service")
            .await
            .unwrap()
            .unwrap();
        sqlx::query("update script_versions set retired_at = $2 where id = $1")
            .bind(first.id)
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        sqlx::query(
            "insert into script_versions (store_id, script_id, version, body, published_at)
             select store_id, script_id, 2, jsonb_set(body, '{dissatisfied_up_to}', '5'), $2 from script_versions where id = $1",
        )
        .bind(first.id)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let second = care_desk::scripts::service::current_questionnaire(&mut db, scope, "post_service")
            .await
            .unwrap()
            .unwrap();
        assert_eq!((second.version, second.body.dissatisfied_up_to), (2, 5));
        let old = care_desk::scripts::service::asked_questionnaire(&mut db, scope, first.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((old.version, old.body.dissatisfied_up_to), (1, 6));
    });
}
