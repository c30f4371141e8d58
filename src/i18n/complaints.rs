//! Complaints.

messages! {
    title { "抱怨工单", "Complaints" }
}
