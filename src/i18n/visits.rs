//! Service visits.

messages! {
    title { "进站记录", "Visits" }
}
