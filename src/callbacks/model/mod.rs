//! What a dial can come to, and what happens next. All of it is pure.
//!
//! - [`results`]: the table of result codes in two levels, with what each does to the number and to the next try.
//! - [`retry`]: when a customer may be given up, and when the next try is made.
//! - [`best_time`]: the part of the day in which this customer, or the store's customers, answer best.
//! - [`touches`]: how often one customer may be disturbed within a week.

use crate::text_enum;

pub mod best_time;
pub mod results;
pub mod retry;
pub mod touches;

pub use best_time::{BestTime, Share, best_time};
pub use results::{CarEffect, ContactResult, Disposition, Follow, Outcome, PhoneEffect, ResultGroup};
pub use retry::{Daypart, Dial, GivenUp, NextStep, RetryPolicy, Situation, next_step};

text_enum! {
    /// Life of a callback.
    pub enum CallbackStatus {
        Open = "open",
        /// Somebody has a lease on it.
        Claimed = "claimed",
        Done = "done",
        /// 尽责未达: everything that was promised has been tried, or the customer refused.
        Exhausted = "exhausted",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Why an open callback is not given out, although its time may have come.
    pub enum HeldReason {
        /// The customer has been touched as often as a week allows.
        TouchLimit = "touch_limit",
        /// The car is back in the shop: the talk waits for its hand-over.
        CarInShop = "car_in_shop",
        NoPhone = "no_phone",
        /// The dials are used up and the message is out, or waits to be sent: the answer is awaited.
        AwaitingAnswer = "awaiting_answer",
    }
}

/// Whether a kind is called about although the customer is touched often or wants no calls: complaints, and recalls when
/// they come. Law and safety go before the customer's quiet.
pub fn is_always_allowed(kind: &str) -> bool {
    kind.starts_with("complaint") || kind == "recall"
}
