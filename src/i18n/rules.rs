//! Care rules.

messages! {
    title { "时限与提醒规则", "Care rules" }
}
