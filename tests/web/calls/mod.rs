//! One call, many obligations: what follows from the dials, the message after the last one, and what is held back.

mod governor;
mod history;
mod ladder;
mod workers;

use care_desk::auth::permission::Role;
use care_desk::callbacks::{CallbackId, messages};

use crate::callbacks::{base, post, take, with};
use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

/// Takes the call, settles it with these fields and goes back to the list.
async fn settle(browser: &mut Client, id: CallbackId, fields: &[(&str, &str)]) -> Answer {
    let page = take(browser, id).await;
    let saved = post(browser, &format!("/callbacks/{id}"), &with(base(&page), fields)).await;
    assert_eq!(saved.status, 303, "{fields:?}: {}", saved.text(".error"));
    browser.follow(&saved).await
}

/// Nobody answers, at this instant (RFC 3339); whoever calls has signed in again by then.
async fn nobody_answers(app: &TestApp, browser: &mut Client, id: CallbackId, at: &str) -> Answer {
    app.set_now(at);
    *browser = app.sign_in(Role::Specialist).await;
    settle(browser, id, &[("outcome", "no_answer")]).await
}

/// The round that the jobs make over the held calls.
async fn tend(app: &TestApp) -> messages::Tended {
    let mut tx = app.db.begin().await.unwrap();
    let tended = messages::tend(&mut tx, app.scope(), app.now()).await.unwrap();
    tx.commit().await.unwrap();
    tended
}

/// Why a call is held and until when, on the store's clock.
const HELD: &str = "select coalesce(concat_ws(' ', held_reason, to_char(held_until at time zone 'Asia/Shanghai', 'DD HH24:MI')), '') from callbacks where id = $1";
