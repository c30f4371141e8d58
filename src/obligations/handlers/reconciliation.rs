//! What is owed and not in the ledger, what is loose in it, and what the nights found.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;

use crate::auth::permission::{Can, Permission, ViewObligations};
use crate::i18n::Lang;
use crate::obligations::ObligationKind;
use crate::obligations::nightly::{self, Proof};
use crate::obligations::queries::nightly::{Night, list_days_not_run, list_nights};
use crate::obligations::reconcile::Missing;
use crate::web::error::AppResult;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// Nights that are listed.
const NIGHTS: i64 = 31;

/// `obligations/reconciliation.html`
#[derive(Template)]
#[template(path = "obligations/reconciliation.html")]
struct ReconciliationPage {
    layout: Layout,
    today: NaiveDate,
    proof: Proof,
    nights: Vec<Night>,
    days_not_run: Vec<NaiveDate>,
}

impl ReconciliationPage {
    /// Green for no findings.
    fn tone(&self, findings: usize) -> &'static str {
        if findings == 0 { "good" } else { "bad" }
    }

    /// The page of what an entry is missing about; policies have none.
    fn href(&self, row: &Missing) -> Option<String> {
        let folder = match row.kind {
            ObligationKind::PostService => "visits",
            ObligationKind::WarrantyExpiry
            | ObligationKind::FirstMaintenance
            | ObligationKind::PeriodicMaintenance
            | ObligationKind::LostCustomer => "vehicles",
            ObligationKind::DataTask | ObligationKind::CareVisit | ObligationKind::ProfileReview => {
                "customers"
            }
            ObligationKind::ComplaintDispatch
            | ObligationKind::ComplaintFirstReply
            | ObligationKind::ComplaintFollowUp
            | ObligationKind::ComplaintPlan
            | ObligationKind::ComplaintClose
            | ObligationKind::ComplaintSecondCallback
            | ObligationKind::ComplaintAfter
            | ObligationKind::ComplaintExternal => "complaints",
            ObligationKind::Renewal | ObligationKind::RenewalContact => return None,
        };
        Some(format!("/{folder}/{}", row.subject_id))
    }

    /// Kinds with findings in words.
    fn kind_names(&self, night: &Night) -> String {
        let t = self.layout.t.obligations();
        let name = |code: &String| match code.parse() {
            Ok(kind) => t.kind(kind),
            Err(_) => t.bundling(),
        };
        let names: Vec<&str> = night.kinds.iter().map(name).collect();
        match t.0 {
            Lang::Zh => names.join("、"),
            Lang::En => names.join(", "),
        }
    }
}

pub async fn show(
    layout: Layout,
    user: Can<ViewObligations>,
    State(app): State<AppState>,
) -> AppResult<Response> {
    let (scope, today) = (user.scope(), layout.fmt.today());
    let mut tx = app.db.begin().await?;
    let proof = nightly::prove(&mut tx, scope, today).await?;
    let nights = list_nights(&mut *tx, scope, NIGHTS).await?;
    let days_not_run = list_days_not_run(&mut *tx, scope, today).await?;
    tx.rollback().await?;
    Ok(Page(ReconciliationPage {
        layout,
        today,
        proof,
        nights,
        days_not_run,
    })
    .into_response())
}
