//! Beside the call: why it is held back, when the customer answers best, and the message after the last dial.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::calendar::StoreCalendar;
use crate::callbacks::best;
use crate::callbacks::messages::{self, MessageId, MessageStatus};
use crate::callbacks::model::{BestTime, HeldReason};
use crate::callbacks::queries::call::Call;
use crate::callbacks::queries::messages::{self as outbox, MessageRow};
use crate::stores::StoreScope;
use crate::web::layout::Layout;

/// What is known beside the call.
pub struct Side {
    pub best: Option<BestTime>,
    pub message: Option<MessageRow>,
}

/// Reads it.
pub async fn load(
    db: &mut PgConnection,
    scope: StoreScope,
    call: &Call,
    calendar: &StoreCalendar,
    now: DateTime<Utc>,
) -> sqlx::Result<Side> {
    let best = match call.ended_at {
        None => best::find(&mut *db, scope, call.customer_id, calendar, now).await?,
        Some(_) => None,
    };
    Ok(Side {
        best,
        message: outbox::find_latest(db, scope, call.id).await?,
    })
}

/// The same in words.
pub struct SideView {
    pub held: Option<String>,
    pub best: Option<String>,
    pub message: Option<MessageView>,
}

/// A message to be sent by hand, or what became of it.
pub struct MessageView {
    pub id: MessageId,
    pub to: String,
    pub body: String,
    pub is_queued: bool,
    pub status: &'static str,
    pub tone: &'static str,
}

/// Words for what is known beside the call.
pub fn view(layout: &Layout, call: &Call, side: Side, origin: &str) -> SideView {
    let t = layout.t.callbacks();
    let reason: Option<HeldReason> = call.held_reason.as_deref().and_then(|code| code.parse().ok());
    let reason = reason.filter(|_| call.ended_at.is_none());
    SideView {
        held: reason.map(|reason| held_text(layout, reason, call.held_until)),
        best: side.best.map(|best| {
            let part = t.daypart(best.daypart());
            if best.is_own {
                t.best_own(part, best.share.dials, best.share.answered)
            } else {
                let percent = (best.share.answered * 100 + best.share.dials / 2) / best.share.dials.max(1);
                t.best_store(part, percent)
            }
        }),
        message: side
            .message
            .filter(|message| message.status != MessageStatus::Cancelled)
            .map(|message| MessageView {
                id: message.id,
                to: message
                    .number
                    .map(|number| layout.fmt.phone(&number))
                    .unwrap_or_default(),
                body: messages::text(&message.body, message.token, origin),
                is_queued: message.status == MessageStatus::Queued && message.is_open,
                status: match message.answered_at {
                    Some(_) => t.message_answered(),
                    None => t.message_status(message.status),
                },
                tone: match message.status {
                    MessageStatus::Delivered => "good",
                    MessageStatus::Failed => "bad",
                    MessageStatus::Queued | MessageStatus::Cancelled => "soon",
                },
            }),
    }
}

/// Why a call is not given out, and until when.
pub fn held_text(layout: &Layout, reason: HeldReason, until: Option<DateTime<Utc>>) -> String {
    let t = layout.t.callbacks();
    let until = until.map(|at| layout.fmt.near(&at));
    match (reason, until) {
        (HeldReason::TouchLimit, Some(until)) => t.held_touch_limit(until),
        (HeldReason::AwaitingAnswer, Some(until)) => t.held_awaiting(until),
        (HeldReason::AwaitingAnswer, None) => t.held_message_queued().to_owned(),
        (HeldReason::CarInShop, _) => t.held_car_in_shop().to_owned(),
        (HeldReason::NoPhone, _) => t.no_phone().to_owned(),
        (HeldReason::TouchLimit, None) => t.badge_held().to_owned(),
    }
}
