//! Sharing calls out evenly. Pure: who gets which call, before anything is written.

use crate::callbacks::CallbackId;
use crate::users::UserId;

/// A call to give out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub id: CallbackId,
    /// Who served the customer, and so must not call.
    pub excluded: Vec<UserId>,
}

/// Somebody who may get calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub id: UserId,
    /// Open calls that this person keeps.
    pub load: i64,
    /// Calls that this person manages in a day; nobody with 0 gets any.
    pub capacity: i64,
}

/// Who gets each call, in the order of `calls`, oldest deadline first; `None`: nobody may have it.
///
/// Each call goes to whoever is used least against the own capacity, which among equals is round robin: everybody gets
/// some of the urgent ones. Who served the customer is passed over.
pub fn spread(calls: &[Call], callers: &[Caller]) -> Vec<Option<UserId>> {
    let mut callers: Vec<Caller> = callers
        .iter()
        .filter(|caller| caller.capacity > 0)
        .cloned()
        .collect();
    // Equal shares go to whoever has waited longest: positions turn by one after each call.
    let mut turn: Vec<usize> = (0..callers.len()).collect();
    let mut given = Vec::with_capacity(calls.len());
    for call in calls {
        let free = turn
            .iter()
            .enumerate()
            .filter(|(_, at)| !call.excluded.contains(&callers[**at].id))
            .min_by(|(left_turn, left), (right_turn, right)| {
                let (left, right) = (&callers[**left], &callers[**right]);
                // (load + 1) / capacity, without a division.
                let left_share = (left.load + 1) * right.capacity;
                let right_share = (right.load + 1) * left.capacity;
                left_share.cmp(&right_share).then(left_turn.cmp(right_turn))
            })
            .map(|(place, at)| (place, *at));
        let Some((place, at)) = free else {
            given.push(None);
            continue;
        };
        callers[at].load += 1;
        turn.remove(place);
        turn.push(at);
        given.push(Some(callers[at].id));
    }
    given
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calls(excluded: &[&[i64]]) -> Vec<Call> {
        let call = |(id, excluded): (usize, &&[i64])| Call {
            id: CallbackId::new(id as i64 + 1),
            excluded: excluded.iter().map(|id| UserId::new(*id)).collect(),
        };
        excluded.iter().enumerate().map(call).collect()
    }

    fn callers(list: &[(i64, i64, i64)]) -> Vec<Caller> {
        let caller = |(id, load, capacity): &(i64, i64, i64)| Caller {
            id: UserId::new(*id),
            load: *load,
            capacity: *capacity,
        };
        list.iter().map(caller).collect()
    }

    /// Ids of who gets them; 0 is nobody.
    fn shared(excluded: &[&[i64]], people: &[(i64, i64, i64)]) -> Vec<i64> {
        let given = spread(&calls(excluded), &callers(people));
        given.into_iter().map(|id| id.map_or(0, UserId::get)).collect()
    }

    #[test]
    fn calls_go_round() {
        const ANY: &[i64] = &[];
        for (excluded, people, expected) in [
            // Equal people take turns, so that each gets some of the urgent ones.
            (&[ANY; 5][..], &[(1, 0, 40), (2, 0, 40)][..], &[1, 2, 1, 2, 1][..]),
            // Who has less open work catches up first.
            (&[ANY; 4], &[(1, 2, 40), (2, 0, 40)], &[2, 2, 1, 2]),
            // Twice the capacity, twice the calls.
            (&[ANY; 6], &[(1, 0, 20), (2, 0, 40)], &[2, 1, 2, 2, 1, 2]),
            // Nobody calls a customer they served.
            (&[&[1], &[1], &[2], ANY], &[(1, 0, 40), (2, 0, 40)], &[2, 2, 1, 1]),
            (&[&[1, 2], ANY], &[(1, 0, 40), (2, 0, 40)], &[0, 1]),
            // On leave.
            (&[ANY; 2], &[(1, 0, 0), (2, 9, 40)], &[2, 2]),
            (&[ANY], &[], &[0]),
        ] {
            assert_eq!(shared(excluded, people), expected, "{excluded:?} {people:?}");
        }
    }

    proptest! {
        #[test]
        fn equal_people_end_at_most_one_apart(n in 0usize..60, people in 1i64..6) {
            let people: Vec<_> = (1..=people).map(|id| (id, 0, 40)).collect();
            let given = shared(&vec![&[][..]; n], &people);
            let counts: Vec<usize> =
                people.iter().map(|(id, ..)| given.iter().filter(|got| *got == id).count()).collect();
            let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
            prop_assert!(most - least <= 1, "{counts:?}");
        }
    }
}
