//! Scripts and questionnaires.

messages! {
    title { "话术与问卷", "Scripts and questionnaires" }
}
