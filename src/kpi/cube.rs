//! Counted obligations by kind, person and class, and the arithmetic over them.

use crate::kpi::definition::{Count, Duty, Only, Rate, Target, Whose};
use crate::obligations::ObligationClass as Class;
use crate::users::UserId;

/// How many obligations of one kind, person and class a period holds.
#[derive(Clone, Debug)]
pub struct Cell {
    pub duty: Duty,
    /// Who was responsible, else who ended it; nobody while it is open and free.
    pub person: Option<UserId>,
    pub person_name: Option<String>,
    pub class: Class,
    pub n: i64,
    pub connected: i64,
    pub answered: i64,
    pub satisfied: i64,
}

/// Dials of one person in a period.
#[derive(Clone, Debug)]
pub struct Dials {
    pub person: UserId,
    pub person_name: String,
    pub dials: i64,
    pub connected: i64,
}

/// Everything counted for one page.
#[derive(Clone, Debug)]
pub struct Cube(Vec<Cell>);

/// How a rate stands beside its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Met,
    /// Within two points of the target.
    Near,
    Missed,
    /// Nothing to divide by, or nothing to reach.
    None,
}

impl Cube {
    /// A cube over the cells of one period.
    pub fn new(cells: Vec<Cell>) -> Cube {
        Cube(cells)
    }

    /// How many rows a count holds.
    pub fn count(&self, duty: Duty, whose: Whose, count: Count) -> i64 {
        let rows = count.rows();
        let of = |cell: &Cell| match rows.only {
            None => cell.n,
            Some(Only::Connected) => cell.connected,
            Some(Only::Answered) => cell.answered,
            Some(Only::Satisfied) => cell.satisfied,
        };
        self.0
            .iter()
            .filter(|cell| cell.duty == duty && rows.classes.contains(&cell.class))
            .filter(|cell| match whose {
                Whose::Everybody => true,
                Whose::Person(person) => cell.person == person,
            })
            .map(of)
            .sum()
    }

    /// How many rows of everybody a count holds.
    pub fn total(&self, duty: Duty, count: Count) -> i64 {
        self.count(duty, Whose::Everybody, count)
    }

    /// Numerator and denominator.
    pub fn rate(&self, duty: Duty, whose: Whose, rate: Rate) -> (i64, i64) {
        (
            self.count(duty, whose, rate.numerator()),
            self.count(duty, whose, rate.denominator()),
        )
    }

    /// Everybody who has rows, by name; rows of nobody last.
    pub fn people(&self) -> Vec<(Option<UserId>, Option<String>)> {
        let mut people: Vec<_> = self
            .0
            .iter()
            .map(|cell| (cell.person, cell.person_name.clone()))
            .collect();
        people.sort_by(|a, b| (a.0.is_none(), &a.1, a.0).cmp(&(b.0.is_none(), &b.1, b.0)));
        people.dedup();
        people
    }
}

/// How a share stands beside its target; whole numbers, so that 99.96 % is not taken for 100 %.
pub fn verdict((part, whole): (i64, i64), target: Option<Target>) -> Verdict {
    const NEAR_POINTS: i64 = 2;
    let distance = match target {
        _ if whole == 0 => return Verdict::None,
        None => return Verdict::None,
        Some(Target::AtLeast(percent)) => percent * whole - part * 100,
        Some(Target::AtMost(percent)) => part * 100 - percent * whole,
    };
    if distance <= 0 {
        Verdict::Met
    } else if distance <= NEAR_POINTS * whole {
        Verdict::Near
    } else {
        Verdict::Missed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(person: Option<i64>, class: Class, n: i64) -> Cell {
        Cell {
            duty: Duty::PostService,
            person: person.map(UserId::new),
            person_name: person.map(|id| format!("p{id}")),
            class,
            n,
            connected: n.min(1),
            answered: n.min(1),
            satisfied: 0,
        }
    }

    #[test]
    fn a_count_is_the_sum_of_its_classes() {
        let cube = Cube::new(vec![
            cell(Some(1), Class::Done, 5),
            cell(Some(1), Class::DoneLate, 2),
            cell(Some(2), Class::Exhausted, 3),
            cell(None, Class::Overdue, 4),
            cell(Some(1), Class::Early, 100),
            cell(None, Class::NotDue, 100),
            cell(Some(2), Class::Exempt, 7),
            cell(Some(2), Class::Cancelled, 9),
        ]);
        let all = |count| cube.count(Duty::PostService, Whose::Everybody, count);
        let expected = [
            (Count::Due, 14),
            (Count::InTime, 8),
            (Count::Late, 2),
            (Count::Exhausted, 3),
            (Count::Overdue, 4),
            (Count::Connected, 2),
            (Count::Satisfied, 0),
            (Count::NotDue, 100),
            (Count::Early, 100),
            (Count::Exempt, 7),
            (Count::Cancelled, 9),
            (Count::DueOrExempt, 21),
        ];
        for (count, n) in expected {
            assert_eq!(all(count), n, "{count}");
        }
        let person = Whose::Person(Some(UserId::new(1)));
        assert_eq!(cube.rate(Duty::PostService, person, Rate::InTime), (5, 7));
        assert_eq!(
            cube.rate(Duty::PostService, Whose::Person(None), Rate::InTime),
            (0, 4)
        );
        assert_eq!(
            cube.rate(Duty::RenewalContact, Whose::Everybody, Rate::InTime),
            (0, 0)
        );
        let names: Vec<_> = cube.people().into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, [Some("p1".to_owned()), Some("p2".to_owned()), None]);
    }

    #[test]
    fn a_verdict_compares_whole_numbers() {
        let all = Some(Target::AtLeast(100));
        let few = Some(Target::AtMost(5));
        for (share, target, expected) in [
            ((10, 10), all, Verdict::Met),
            ((9_999, 10_000), all, Verdict::Near),
            ((98, 100), all, Verdict::Near),
            ((97, 100), all, Verdict::Missed),
            ((0, 0), all, Verdict::None),
            ((5, 100), few, Verdict::Met),
            ((7, 100), few, Verdict::Near),
            ((8, 100), few, Verdict::Missed),
            ((1, 2), None, Verdict::None),
        ] {
            assert_eq!(verdict(share, target), expected, "{share:?}");
        }
    }
}
