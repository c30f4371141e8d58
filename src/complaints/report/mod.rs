//! 调查报告 and 处理意见: everything about one case on paper, with room for opinions and signatures.
//!
//! A report can be looked at any time; issuing one is a line in the history of the case and an entry in the audit log. As long
//! as the case is not dealt with, it says draft. A handler prints own cases only.

use crate::web::routes::Routes;

mod handlers;
pub mod queries;

/// Routes of the report.
pub fn routes() -> Routes {
    Routes::new()
        .get("/complaints/{id}/report", handlers::show)
        .post("/complaints/{id}/report", handlers::issue)
}
