//! Imports outlive their server, can be stopped, and keep their file as long as it is of use.

use std::path::PathBuf;

use care_desk::audit::Actor;
use care_desk::auth::permission::Role;
use care_desk::imports::{ImportId, background, files, queries, service};
use care_desk::jobs::JobName;
use care_desk::jobs::runner::{self, Task, Trigger};
use care_desk::web::state::AppState;
use chrono::TimeDelta;

use crate::support::app::{TestApp, with_app};

use super::{archive, preview, settled, texts, upload};

const ROSTER: &str = "姓名,手机号,车牌号\n王建国,13057577719,浙A7K2M9\n赵雅楠,13957577715,浙A11111\n";
const STATES: &str = "select concat_ws('|', state, tries) from imports order by id";

/// Takes up what is left, as a server does when it starts, and waits for it.
async fn start_server(state: &AppState) -> usize {
    let taken = background::take_up(state).await.unwrap();
    let count = taken.len();
    for work in taken {
        work.await.unwrap();
    }
    count
}

fn kept(app: &TestApp) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(&*app.state.uploads).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

async fn staged_mapping(app: &TestApp, id: i64) -> care_desk::imports::mapping::Mapping {
    let import = queries::find(&app.db, app.scope(), ImportId::new(id))
        .await
        .unwrap();
    import.unwrap().staged().unwrap().mapping
}

#[test]
fn a_merge_that_a_stopped_server_left_is_taken_up_at_the_next_start() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let (path, columns) = upload(&mut browser, "roster", "a.csv", ROSTER.as_bytes()).await;
        preview(&mut browser, &path, &columns).await;
        sqlx::query("update imports set state = 'running', confirmed_by = created_by")
            .execute(&app.db)
            .await
            .unwrap();
        let busy = browser.get(&path).await;
        assert_eq!(busy.count("[data-import-busy]"), 1);
        assert!(
            busy.html().contains("http-equiv=\"refresh\""),
            "works without a script"
        );
        assert_eq!(start_server(&app.state).await, 1);
        let page = browser.get(&path).await;
        assert_eq!(page.texts(".dl dd")[..3], ["2", "0", "0"]);
        assert_eq!(
            app.count("select count(*) from audit where action = 'imports.confirm' and actor_id is not null")
                .await,
            1,
            "still by the person who confirmed"
        );
        assert_eq!(start_server(&app.state).await, 0, "nothing is left to do");
        assert_eq!(
            texts(&app, "select name from customers order by id").await.len(),
            2
        );
    });
}

#[test]
fn reading_and_checking_are_taken_up_too() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let (path, columns) = upload(&mut browser, "roster", "a.csv", ROSTER.as_bytes()).await;
        sqlx::raw_sql(
            "delete from import_rows;
             update imports set state = 'reading', phase = 'reading', mapping = '{}', rows_total = 0",
        )
        .execute(&app.db)
        .await
        .unwrap();
        assert_eq!(start_server(&app.state).await, 1);
        let again = settled(&mut browser, &path).await;
        assert_eq!(super::proposed(&again)[..3], super::proposed(&columns)[..3]);
        preview(&mut browser, &path, &again).await;
        sqlx::raw_sql("update imports set state = 'reading', phase = 'matching', counts = '{}'")
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(start_server(&app.state).await, 1);
        let page = settled(&mut browser, &path).await;
        assert_eq!(page.texts(".tile__value")[0], "2行");
    });
}

#[test]
fn two_servers_do_not_take_up_one_import_twice() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let (path, columns) = upload(&mut browser, "roster", "a.csv", ROSTER.as_bytes()).await;
        preview(&mut browser, &path, &columns).await;
        sqlx::query("update imports set state = 'running'")
            .execute(&app.db)
            .await
            .unwrap();
        let mut working = app.db.begin().await.unwrap();
        assert!(queries::try_lock(&mut *working, ImportId::new(1)).await.unwrap());
        assert_eq!(start_server(&app.state).await, 0, "somebody works on it");
        let mapping = staged_mapping(&app, 1).await;
        let second = service::merge(
            &app.db,
            app.scope(),
            ImportId::new(1),
            mapping,
            Actor::System,
            app.now(),
        );
        assert!(matches!(second.await, Err(service::ImportError::Busy)));
        assert_eq!(texts(&app, STATES).await, ["running|0"]);
        working.rollback().await.unwrap();

        let (first, second) = tokio::join!(start_server(&app.state), start_server(&app.state));
        assert!(first + second >= 1);
        assert_eq!(app.count("select count(*) from customers").await, 2);
        assert_eq!(
            app.count("select count(*) from audit where action = 'imports.confirm'")
                .await,
            1
        );
    });
}

#[test]
fn what_stops_its_server_again_and_again_is_given_up() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let (path, columns) = upload(&mut browser, "roster", "a.csv", ROSTER.as_bytes()).await;
        preview(&mut browser, &path, &columns).await;
        sqlx::query("update imports set state = 'running', tries = 3")
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(start_server(&app.state).await, 0);
        let page = browser.get(&path).await;
        assert_eq!(page.text(".flash--bad"), "导入多次中断，已全部撤销。请重新上传。");
        assert_eq!(app.count("select count(*) from customers").await, 0);
        assert!(kept(&app).is_empty());
    });
}

#[test]
fn a_file_that_lies_with_another_server_waits_for_it_and_a_command_for_nobody() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        upload(&mut browser, "roster", "a.csv", ROSTER.as_bytes()).await;
        sqlx::raw_sql(
            "update imports set state = 'reading', phase = 'reading', file_key = gen_random_uuid();
             insert into imports (store_id, kind, file_name, sha256, state, created_at)
             select store_id, kind, 'command', sha256, 'running', created_at from imports",
        )
        .execute(&app.db)
        .await
        .unwrap();
        assert_eq!(start_server(&app.state).await, 0);
        assert_eq!(texts(&app, STATES).await, ["reading|0", "running|0"]);
        app.advance(std::time::Duration::from_secs(11));
        assert_eq!(start_server(&app.state).await, 0);
        assert_eq!(texts(&app, STATES).await, ["reading|0", "failed|0"]);
        app.advance(std::time::Duration::from_secs(3600));
        assert_eq!(start_server(&app.state).await, 0);
        assert_eq!(texts(&app, STATES).await, ["failed|0", "failed|0"]);
    });
}

#[test]
fn an_undo_that_a_stopped_server_left_is_taken_up_too() {
    with_app(async |app| {
        super::import(&app, "roster", ROSTER).await;
        sqlx::query("update imports set state = 'undoing', undone_by = created_by")
            .execute(&app.db)
            .await
            .unwrap();
        let mut browser = app.sign_in(Role::Admin).await;
        let cancelled = browser.post("/imports/1/cancel", &[]).await;
        assert_eq!(cancelled.status, 409, "an undo is not cancelled half-way");
        assert_eq!(start_server(&app.state).await, 1);
        assert_eq!(texts(&app, "select state from imports").await, ["undone"]);
        assert_eq!(app.count("select count(*) from customers").await, 0);
        assert_eq!(
            app.count("select count(*) from audit where action = 'imports.undo' and actor_id is not null")
                .await,
            1
        );
    });
}

#[test]
fn a_cancelled_import_has_written_nothing_and_its_worker_stops() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let (path, columns) = upload(&mut browser, "roster", "a.csv", ROSTER.as_bytes()).await;
        preview(&mut browser, &path, &columns).await;
        let before = archive(&app).await;
        let waiting = browser.post(&format!("{path}/cancel"), &[]).await;
        assert_eq!(waiting.status, 409, "nothing is under way");
        sqlx::query("update imports set state = 'running'")
            .execute(&app.db)
            .await
            .unwrap();
        let mapping = staged_mapping(&app, 1).await;
        let busy = browser.get(&path).await;
        assert_eq!(busy.texts("form[action$='/cancel'] button"), ["取消导入"]);

        // The merge has come to its end, but for the commit.
        let mut tx = app.db.begin().await.unwrap();
        let id = ImportId::new(1);
        service::merge_within(&mut tx, &app.db, app.scope(), id, mapping.clone(), app.now())
            .await
            .unwrap();
        let sent = browser.post(&format!("{path}/cancel"), &[]).await;
        assert_eq!((sent.status, sent.location()), (303, path.as_str()));
        let counts = care_desk::imports::Counts::default();
        let ended = queries::set_confirmed(&mut *tx, app.scope(), id, &counts, app.now()).await;
        assert!(!ended.unwrap(), "the last step finds the import cancelled");
        tx.rollback().await.unwrap();

        let late = service::merge(&app.db, app.scope(), id, mapping, Actor::System, app.now()).await;
        assert!(late.is_err());
        let page = browser.get(&path).await;
        assert_eq!(page.text(".pane .flash"), "导入已取消");
        assert_eq!(archive(&app).await, before);
        assert_eq!(texts(&app, STATES).await, ["cancelled|0"]);
        assert_eq!(
            app.count("select count(*) from audit where action = 'imports.cancel'")
                .await,
            1
        );
        let list = browser.get("/imports").await;
        assert_eq!(list.text(".minilist .badge"), "已取消");
    });
}

#[test]
fn a_worker_notices_between_two_batches_and_clears_away() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let (path, columns) = upload(&mut browser, "roster", "a.csv", ROSTER.as_bytes()).await;
        preview(&mut browser, &path, &columns).await;
        let mapping = staged_mapping(&app, 1).await;
        sqlx::raw_sql(
            "update imports set state = 'running';
             create function cancel() returns trigger language plpgsql as
             $$ begin new.state := 'cancelled'; return new; end $$;
             create trigger cancel before update of phase on imports for each row
               when (new.phase = 'matching') execute function cancel();",
        )
        .execute(&app.db)
        .await
        .unwrap();
        let merged = service::merge(
            &app.db,
            app.scope(),
            ImportId::new(1),
            mapping,
            Actor::System,
            app.now(),
        );
        assert!(matches!(merged.await, Err(service::ImportError::Cancelled(_))));
        service::clear(&app.db, &app.state.uploads, app.scope(), ImportId::new(1))
            .await
            .unwrap();
        assert_eq!(app.count("select count(*) from import_rows").await, 0);
        assert_eq!(app.count("select count(*) from customers").await, 0);
        assert!(kept(&app).is_empty());
    });
}

#[test]
fn an_upload_is_kept_for_thirty_days_and_goes_with_its_rows() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let (path, columns) = upload(&mut browser, "roster", "a.csv", ROSTER.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        super::confirm(&mut browser, &path, &page).await;
        let files = kept(&app);
        assert_eq!(files.len(), 1);
        assert_eq!(std::fs::read(&files[0]).unwrap(), ROSTER.as_bytes());

        let again = browser
            .post_multipart(
                "/imports",
                &[("kind", "roster")],
                &[("file", "a.csv", ROSTER.as_bytes())],
            )
            .await;
        assert_eq!(
            (again.status, kept(&app)),
            (303, files.clone()),
            "known, not kept twice"
        );

        let newer = ROSTER.replace("王建国", "王健国");
        let (given_up, _) = upload(&mut browser, "roster", "b.csv", newer.as_bytes()).await;
        assert_eq!(kept(&app).len(), 2);
        browser.post(&format!("{given_up}/discard"), &[]).await;
        assert_eq!(kept(&app), files, "nobody needs what was given up");

        let late = app.now() + TimeDelta::days(31);
        let sweep = async |now| files::sweep(&app.db, &app.state.uploads, now).await.unwrap();
        // The files of a test are as young as the test, so the sweep looks from far ahead.
        let ahead = late + TimeDelta::days(36_500);
        assert_eq!(sweep(ahead).await, 0, "an import names it");
        app.state.clock.set(late);
        let task = Task {
            job: JobName::CleanUp,
            store: None,
            day: late.date_naive(),
        };
        runner::run(&app.db, &app.state.clock, task, Trigger::Person)
            .await
            .unwrap();
        assert_eq!(app.count("select count(*) from import_rows").await, 0);
        assert_eq!(sweep(ahead).await, 1);
        assert!(kept(&app).is_empty());
    });
}
