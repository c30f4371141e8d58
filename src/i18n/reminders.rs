//! Reminders.

messages! {
    title { "保养提醒", "Reminders" }
}
