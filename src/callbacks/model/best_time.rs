//! The best time to call: the part of the day in which the telephone is answered most often.

use crate::callbacks::model::Daypart;

/// Dials in one part of the day, and how many of them the customer answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub daypart: Daypart,
    pub dials: i64,
    pub answered: i64,
}

/// A part of the day with the reason why it is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BestTime {
    pub share: Share,
    /// From this customer's own dials; else from everybody's in the store.
    pub is_own: bool,
}

impl BestTime {
    /// When to call.
    pub const fn daypart(self) -> Daypart {
        self.share.daypart
    }
}

/// Fewer dials than these say nothing.
const ENOUGH_DIALS: i64 = 3;

/// The daypart with the highest answered share.
///
/// Of this customer when they were dialled often enough and answered once, else of the store. Of equal shares the one with more dials counts, then the earlier one.
pub fn best_time(customer: &[Share], store: &[Share]) -> Option<BestTime> {
    let of = |shares: &[Share], is_own| best_of(shares).map(|share| BestTime { share, is_own });
    of(customer, true).or_else(|| of(store, false))
}

fn best_of(shares: &[Share]) -> Option<Share> {
    let dials: i64 = shares.iter().map(|share| share.dials).sum();
    if dials < ENOUGH_DIALS {
        return None;
    }
    let answered = shares
        .iter()
        .filter(|share| share.answered > 0 && share.dials > 0);
    answered.copied().reduce(|best, share| {
        // a/b > c/d, without division.
        let (left, right) = (share.answered * best.dials, best.answered * share.dials);
        let is_better = left > right
            || left == right
                && (share.dials > best.dials
                    || share.dials == best.dials && share.daypart.number() < best.daypart.number());
        if is_better { share } else { best }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Daypart::{Afternoon, Evening, Morning};

    fn shares(counts: &[(Daypart, i64, i64)]) -> Vec<Share> {
        let share = |&(daypart, dials, answered)| Share {
            daypart,
            dials,
            answered,
        };
        counts.iter().map(share).collect()
    }

    #[test]
    fn the_customers_own_habit_goes_before_the_stores() {
        let store = shares(&[(Morning, 500, 200), (Afternoon, 400, 180), (Evening, 100, 60)]);
        let few = shares(&[(Morning, 2, 1)]);
        type Case<'a> = (&'a [(Daypart, i64, i64)], &'a [Share], Option<(Daypart, bool)>);
        let cases: [Case<'_>; 9] = [
            // Three dials of the customer are enough, two are not.
            (&[(Morning, 2, 0), (Evening, 1, 1)], &store, Some((Evening, true))),
            (&[(Morning, 2, 2)], &store, Some((Evening, false))),
            // Who has never answered has no habit.
            (&[(Morning, 3, 0)], &store, Some((Evening, false))),
            // The share decides, not the number.
            (
                &[(Morning, 10, 4), (Evening, 2, 1)],
                &store,
                Some((Evening, true)),
            ),
            // Equal shares: more dials; equal again: the earlier part of the day.
            (&[(Morning, 1, 1), (Evening, 2, 2)], &store, Some((Evening, true))),
            (
                &[(Evening, 2, 1), (Afternoon, 2, 1)],
                &store,
                Some((Afternoon, true)),
            ),
            (&[], &few, None),
            (&[], &[], None),
            (&[], &store, Some((Evening, false))),
        ];
        for (customer, store, best) in cases {
            let found = best_time(&shares(customer), store).map(|best| (best.daypart(), best.is_own));
            assert_eq!(found, best, "{customer:?}");
        }
    }
}
