//! My day.

messages! {
    title { "我的一天", "My day" }
}
