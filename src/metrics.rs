//! `/metrics`: figures for a monitor, as plain text in the format of Prometheus.
//!
//! On a listener of its own that is off unless asked for (`CARE_DESK_METRICS_LISTEN`). No session, no names, no numbers of
//! customers: counts only.

use std::fmt::Write as _;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::NaiveTime;
use sqlx::PgPool;

use crate::obligations::queries::nightly::{Gauge, gauges_any_store};
use crate::web::state::AppState;

/// A monitor that waits longer has lost the figures of this minute.
const PATIENCE: Duration = Duration::from_secs(5);

/// The only route of the second listener.
pub fn router(app: AppState) -> Router {
    Router::new().route("/metrics", get(show)).with_state(app)
}

/// Without a database there is no figure of the ledger; `care_desk_up` then says 0.
async fn show(State(app): State<AppState>) -> Response {
    let found = tokio::time::timeout(PATIENCE, gauges_any_store(&app.db)).await;
    let (status, body) = match found {
        Ok(Ok(gauges)) => (StatusCode::OK, text(&gauges, &app.db)),
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, up(0)),
    };
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (status, kind, body).into_response()
}

fn up(value: u8) -> String {
    format!(
        "# HELP care_desk_up Whether the database answered.\n# TYPE care_desk_up gauge\ncare_desk_up {value}\n"
    )
}

fn text(gauges: &[Gauge], db: &PgPool) -> String {
    let mut text = up(1);
    let connections = [
        ("idle", db.num_idle()),
        ("open", usize::try_from(db.size()).unwrap_or_default()),
    ];
    heading(&mut text, "care_desk_db_connections", "Connections of the pool.");
    for (state, count) in connections {
        line(&mut text, "care_desk_db_connections", &[("state", state)], count);
    }
    let name = "care_desk_ledger_missing";
    heading(
        &mut text,
        name,
        "What should have an obligation and has none, at the latest proof. Must be 0.",
    );
    for gauge in gauges {
        ledger(&mut text, name, gauge, gauge.missing);
    }
    let name = "care_desk_ledger_loose";
    heading(
        &mut text,
        name,
        "Open obligations that no call and no message carries, at the latest proof. Must be 0.",
    );
    for gauge in gauges {
        ledger(&mut text, name, gauge, gauge.loose);
    }
    let name = "care_desk_ledger_proved_day_seconds";
    heading(
        &mut text,
        name,
        "The day of the latest proof, as midnight in UTC. Must not grow old.",
    );
    let mut stores: Vec<_> = gauges.iter().map(|gauge| (gauge.store_id, gauge.day)).collect();
    stores.dedup();
    for (store, day) in stores {
        let seconds = day.and_time(NaiveTime::MIN).and_utc().timestamp();
        line(&mut text, name, &[("store", &store.to_string())], seconds);
    }
    text
}

fn ledger(text: &mut String, name: &str, gauge: &Gauge, value: i32) {
    let labels = [("store", &*gauge.store_id.to_string()), ("kind", &gauge.kind)];
    line(text, name, &labels, value);
}

fn heading(text: &mut String, name: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
}

/// Values of labels are ids and codes of ours: nothing in them needs escaping.
fn line(text: &mut String, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
    let labels: Vec<String> = labels
        .iter()
        .map(|(label, value)| format!("{label}=\"{value}\""))
        .collect();
    let _ = writeln!(text, "{name}{{{}}} {value}", labels.join(","));
}
