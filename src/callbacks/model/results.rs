//! The table of result codes: what one dial came to, and what a customer said about one occasion.

use crate::text_enum;

text_enum! {
    /// Result code of one dial, in the order of the outcome cards.
    pub enum Disposition {
        Completed = "completed",
        /// Not now: a time was agreed.
        Inconvenient = "inconvenient",
        NoAnswer = "no_answer",
        NoCoverage = "no_coverage",
        Voicemail = "voicemail",
        /// Hung up within five seconds.
        HungUp = "hung_up",
        Busy = "busy",
        /// The ringing call was turned away.
        Rejected = "rejected",
        /// Hung up in the middle of the talk.
        CutOff = "cut_off",
        SignalLost = "signal_lost",
        /// No talk was possible for a reason that the note names.
        Other = "other",
        Off = "off",
        Suspended = "suspended",
        Vacant = "vacant",
        /// The number belongs to a stranger.
        Wrong = "wrong",
        /// Somebody near the customer answered.
        NotThePerson = "not_the_person",
        Refused = "refused",
    }
}

text_enum! {
    /// First level of the result codes, as the trade's figures are cut: 通话成功, 通话失败, 无效通话.
    pub enum ResultGroup {
        /// The customer was spoken to.
        Succeeded = "succeeded",
        /// Nobody was spoken to.
        Failed = "failed",
        /// Somebody answered, and it came to nothing.
        Invalid = "invalid",
    }
}

text_enum! {
    /// An outcome card of the call screen, keys 1 to 7: codes that feel alike while the receiver is in the hand.
    pub enum Outcome {
        Completed = "completed",
        Later = "later",
        NoAnswer = "no_answer",
        Busy = "busy",
        Off = "off",
        Wrong = "wrong",
        Refused = "refused",
    }
}

impl Outcome {
    /// The card of a code.
    pub fn of(disposition: Disposition) -> Outcome {
        disposition.rule().card
    }

    /// The codes of the card; the first one is meant when none is chosen.
    pub const fn dispositions(self) -> &'static [Disposition] {
        use Disposition as D;
        match self {
            Outcome::Completed => &[D::Completed],
            Outcome::Later => &[D::Inconvenient],
            Outcome::NoAnswer => &[D::NoAnswer, D::NoCoverage, D::Voicemail, D::HungUp],
            Outcome::Busy => &[D::Busy, D::Rejected, D::CutOff, D::SignalLost, D::Other],
            Outcome::Off => &[D::Off, D::Suspended],
            Outcome::Wrong => &[D::Vacant, D::Wrong, D::NotThePerson],
            Outcome::Refused => &[D::Refused],
        }
    }

    /// Name of the icon on the card.
    pub const fn icon(self) -> &'static str {
        match self {
            Outcome::Completed => "check",
            Outcome::Later => "clock",
            Outcome::NoAnswer => "phone-x",
            Outcome::Busy => "swap",
            Outcome::Off => "bell-off",
            Outcome::Wrong => "x",
            Outcome::Refused => "minus",
        }
    }
}

/// What a result says about the number that was dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneEffect {
    None,
    /// The customer answered.
    Proven,
    /// Somebody else answered: ask before trusting it.
    Unverified,
    Dead,
    Wrong,
}

/// What a result leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// What was talked about ends.
    Done,
    /// Ends as 尽责未达: a completed attempt, no success.
    Refused,
    /// Again at the time that was agreed.
    Agreed,
    /// This number is not dialled again: the next one at once, or nothing is left.
    NextNumber,
    /// Again as the retry policy says, and given up once it is met.
    Again,
    /// As `Again`, but not on the same day.
    AnotherDay,
    /// Again in some minutes: the talk had begun.
    Shortly,
}

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultRule {
    pub group: ResultGroup,
    pub card: Outcome,
    /// What becomes of the number.
    pub phone: PhoneEffect,
    /// Whether it counts towards the tries after which a customer may be given up.
    pub is_try: bool,
    /// Whether the customer answered the telephone.
    pub is_answered: bool,
    /// Whether it was one of the few touches that a customer is asked to bear in a week.
    pub is_touch: bool,
    pub follow: Follow,
}

impl Disposition {
    /// THE TABLE. A time that was agreed uses no try up, nor does a number that can reach nobody, nor a lost signal.
    pub const fn rule(self) -> ResultRule {
        use Follow::{Again, Agreed, AnotherDay, Done, NextNumber, Shortly};
        use Outcome as C;
        use PhoneEffect::{Dead, Proven, Unverified, Wrong};
        use ResultGroup::{Failed, Invalid, Succeeded};
        const NO: PhoneEffect = PhoneEffect::None;
        match self {
            //                                     group      card          number      try    answered touch
            Disposition::Completed => row(Succeeded, C::Completed, Proven, true, true, true, Done),
            Disposition::Inconvenient => row(Succeeded, C::Later, Proven, false, true, true, Agreed),
            Disposition::NoAnswer => row(Failed, C::NoAnswer, NO, true, false, false, Again),
            Disposition::NoCoverage => row(Failed, C::NoAnswer, NO, true, false, false, Again),
            Disposition::Voicemail => row(Failed, C::NoAnswer, NO, true, false, false, Again),
            Disposition::HungUp => row(Failed, C::NoAnswer, NO, true, false, false, Again),
            Disposition::Busy => row(Failed, C::Busy, NO, true, false, false, Again),
            Disposition::Rejected => row(Failed, C::Busy, NO, true, false, false, Again),
            Disposition::CutOff => row(Invalid, C::Busy, NO, true, true, true, AnotherDay),
            Disposition::SignalLost => row(Invalid, C::Busy, NO, false, true, false, Shortly),
            Disposition::Other => row(Invalid, C::Busy, NO, true, true, false, Again),
            Disposition::Off => row(Failed, C::Off, NO, true, false, false, Again),
            Disposition::Suspended => row(Failed, C::Off, Dead, false, false, false, NextNumber),
            Disposition::Vacant => row(Failed, C::Wrong, Dead, false, false, false, NextNumber),
            Disposition::Wrong => row(Failed, C::Wrong, Wrong, false, false, false, NextNumber),
            Disposition::NotThePerson => row(Invalid, C::Wrong, Unverified, true, false, false, Again),
            Disposition::Refused => row(Invalid, C::Refused, Proven, true, true, true, Follow::Refused),
        }
    }

    /// Whether the customer spoke to us, long enough to say something.
    pub const fn is_connected(self) -> bool {
        matches!(
            self,
            Disposition::Completed | Disposition::Inconvenient | Disposition::Refused
        )
    }

    /// What becomes of the number.
    pub const fn phone_effect(self) -> PhoneEffect {
        self.rule().phone
    }

    /// Whether it counts towards the tries after which a customer may be given up.
    pub const fn consumes_attempt(self) -> bool {
        self.rule().is_try
    }
}

const fn row(
    group: ResultGroup,
    card: Outcome,
    phone: PhoneEffect,
    is_try: bool,
    is_answered: bool,
    is_touch: bool,
    follow: Follow,
) -> ResultRule {
    ResultRule {
        group,
        card,
        phone,
        is_try,
        is_answered,
        is_touch,
        follow,
    }
}

text_enum! {
    /// What a customer said about an occasion other than the survey; the code in `obligations.ended_reason`.
    pub enum ContactResult {
        Interested = "interested",
        Booked = "booked",
        Renewed = "renewed",
        /// 里程未到: the forecast was too early.
        MileageNotReached = "mileage_not_reached",
        /// Has done it, or will do it, somewhere else.
        Elsewhere = "elsewhere",
        /// 异地使用: the car is used in another place and comes no more.
        UsedElsewhere = "used_elsewhere",
        Declined = "declined",
        CarSold = "car_sold",
        /// 车已转让: in the hands of somebody else without a sale through a dealer.
        Transferred = "transferred",
        /// 转赠他人.
        Gifted = "gifted",
        /// 营运车: used for business, outside of what private cars are invited to.
        Commercial = "commercial",
        Informed = "informed",
        /// Was not talked about: stays open.
        NotReached = "not_reached",
    }
}

/// What an answer changes about the car.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarEffect {
    None,
    /// It has left this customer: nothing is owed about it until it comes again.
    Sold,
    /// It has left the region.
    Moved,
    /// It is a car of business.
    Commercial,
}

impl ContactResult {
    /// First level, as of the dial's code.
    pub const fn group(self) -> ResultGroup {
        match self {
            ContactResult::Interested
            | ContactResult::Booked
            | ContactResult::Renewed
            | ContactResult::MileageNotReached
            | ContactResult::Elsewhere
            | ContactResult::UsedElsewhere
            | ContactResult::Informed
            | ContactResult::NotReached => ResultGroup::Succeeded,
            ContactResult::Declined
            | ContactResult::CarSold
            | ContactResult::Transferred
            | ContactResult::Gifted
            | ContactResult::Commercial => ResultGroup::Invalid,
        }
    }

    /// What it changes about the car.
    pub const fn car_effect(self) -> CarEffect {
        match self {
            ContactResult::CarSold | ContactResult::Transferred | ContactResult::Gifted => CarEffect::Sold,
            ContactResult::UsedElsewhere => CarEffect::Moved,
            ContactResult::Commercial => CarEffect::Commercial,
            ContactResult::Interested
            | ContactResult::Booked
            | ContactResult::Renewed
            | ContactResult::MileageNotReached
            | ContactResult::Elsewhere
            | ContactResult::Declined
            | ContactResult::Informed
            | ContactResult::NotReached => CarEffect::None,
        }
    }

    /// The answers that make sense for a kind of obligation.
    pub fn for_kind(kind: &str) -> &'static [ContactResult] {
        use ContactResult::{
            Booked, CarSold, Commercial, Declined, Elsewhere, Gifted, Informed, Interested,
            MileageNotReached, NotReached, Renewed, Transferred, UsedElsewhere,
        };
        match kind {
            "renewal" | "renewal_contact" => &[
                Interested,
                Renewed,
                Elsewhere,
                Declined,
                CarSold,
                Transferred,
                Gifted,
                NotReached,
            ],
            "first_maintenance" | "periodic_maintenance" | "lost_customer" => &[
                Interested,
                Booked,
                MileageNotReached,
                Elsewhere,
                UsedElsewhere,
                Declined,
                CarSold,
                Transferred,
                Gifted,
                Commercial,
                NotReached,
            ],
            "warranty_expiry" => &[
                Interested,
                Booked,
                Elsewhere,
                UsedElsewhere,
                Declined,
                CarSold,
                Transferred,
                Gifted,
                Commercial,
                NotReached,
            ],
            _ => &[Informed, Interested, Declined, NotReached],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_on_one_card_and_says_what_follows() {
        use Disposition as D;
        use Follow as F;
        use PhoneEffect as P;
        use ResultGroup::{Failed, Invalid, Succeeded};
        // Two levels, what becomes of the number, whether a try is used up, and what follows.
        let table = [
            (D::Completed, Succeeded, P::Proven, true, F::Done),
            (D::Inconvenient, Succeeded, P::Proven, false, F::Agreed),
            (D::NoAnswer, Failed, P::None, true, F::Again),
            (D::NoCoverage, Failed, P::None, true, F::Again),
            (D::Voicemail, Failed, P::None, true, F::Again),
            (D::HungUp, Failed, P::None, true, F::Again),
            (D::Busy, Failed, P::None, true, F::Again),
            (D::Rejected, Failed, P::None, true, F::Again),
            (D::CutOff, Invalid, P::None, true, F::AnotherDay),
            (D::SignalLost, Invalid, P::None, false, F::Shortly),
            (D::Other, Invalid, P::None, true, F::Again),
            (D::Off, Failed, P::None, true, F::Again),
            (D::Suspended, Failed, P::Dead, false, F::NextNumber),
            (D::Vacant, Failed, P::Dead, false, F::NextNumber),
            (D::Wrong, Failed, P::Wrong, false, F::NextNumber),
            (D::NotThePerson, Invalid, P::Unverified, true, F::Again),
            (D::Refused, Invalid, P::Proven, true, F::Refused),
        ];
        assert_eq!(table.map(|row| row.0), *D::ALL);
        for (code, group, phone, is_try, follow) in table {
            let rule = code.rule();
            assert_eq!(
                (rule.group, rule.phone, rule.is_try, rule.follow),
                (group, phone, is_try, follow),
                "{code}"
            );
            assert!(rule.card.dispositions().contains(&code), "{code}");
            assert!(!rule.is_touch || rule.is_answered, "{code}: nobody was touched");
        }
        let on_cards = Outcome::ALL.iter().flat_map(|card| card.dispositions());
        assert_eq!(on_cards.copied().collect::<Vec<_>>(), D::ALL);
    }

    #[test]
    fn an_answered_call_is_a_touch_and_an_unanswered_one_is_none() {
        let touches = Disposition::ALL.iter().filter(|code| code.rule().is_touch);
        let codes: Vec<_> = touches.map(|code| code.as_str()).collect();
        // The view `touches` of the database names the same codes; a test of the web compares them.
        assert_eq!(codes, ["completed", "inconvenient", "cut_off", "refused"]);
    }

    #[test]
    fn a_car_that_is_gone_is_taken_off_and_every_answer_has_a_kind() {
        for (result, effect) in [
            (ContactResult::CarSold, CarEffect::Sold),
            (ContactResult::Transferred, CarEffect::Sold),
            (ContactResult::Gifted, CarEffect::Sold),
            (ContactResult::UsedElsewhere, CarEffect::Moved),
            (ContactResult::Commercial, CarEffect::Commercial),
            (ContactResult::MileageNotReached, CarEffect::None),
            (ContactResult::Elsewhere, CarEffect::None),
            (ContactResult::Declined, CarEffect::None),
        ] {
            assert_eq!(result.car_effect(), effect, "{result}");
        }
        let kinds = [
            "renewal_contact",
            "periodic_maintenance",
            "warranty_expiry",
            "data_task",
        ];
        for result in ContactResult::ALL {
            let is_offered = kinds
                .iter()
                .any(|kind| ContactResult::for_kind(kind).contains(result));
            assert!(is_offered, "{result}");
        }
        for kind in kinds {
            assert_eq!(
                ContactResult::for_kind(kind).last(),
                Some(&ContactResult::NotReached)
            );
        }
    }
}
