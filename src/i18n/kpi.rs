//! Figures.

messages! {
    title { "指标看板", "KPI dashboard" }
}
