//! The callback queue and the call screen.

messages! {
    title { "回访队列", "Callback queue" }
}
