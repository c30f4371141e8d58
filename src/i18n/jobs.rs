//! Background jobs.

messages! {
    title { "系统状态", "System status" }
}
