//! What complaints are about, whose they are and how they end, by period; every figure opens the cases it counts.
//!
//! - A case counts under the period of its acceptance, of its target close or of its end: [`model::Figure`] says which.
//! - An invalid case and one that was merged into another are no complaints; a withdrawn one is, but nothing is owed to it.
//! - Figures and the lists behind them read one view (`complaint_facts`) and one definition (`complaint_figure`).

use crate::web::routes::Routes;

mod cases;
mod handlers;
pub mod model;
pub mod queries;
mod view;

/// Routes of `/complaints/analysis`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/complaints/analysis", handlers::index)
        .get("/complaints/analysis/cases", cases::index)
}
