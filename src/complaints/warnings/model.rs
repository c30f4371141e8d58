//! Levels and whom they reach (pure).

pub use crate::complaints::clocks::view::name;
use crate::complaints::sla::ChainEnd;

/// Percent of a clock's time at which somebody is told.
pub const LEVELS: [i32; 5] = [50, 75, 90, 100, 150];

/// From which level on a post of the chain is told.
#[derive(Clone, Copy, Debug)]
pub struct Rungs {
    /// Owner and handler.
    pub own: i32,
    pub department_head: i32,
    pub care_manager: i32,
    pub director: i32,
    pub general_manager: i32,
}

/// The chain of domain.md §6.
pub const FROM: Rungs = Rungs {
    own: 50,
    department_head: 75,
    care_manager: 90,
    director: 100,
    general_manager: 150,
};

/// Posts told at a level by how far the severity goes; the statement asks the same of the columns.
pub fn reached(level: i32, end: ChainEnd) -> Vec<ChainEnd> {
    let from = |post: ChainEnd| match post {
        ChainEnd::CareManager => FROM.care_manager,
        ChainEnd::DepartmentHead => FROM.department_head,
        ChainEnd::Director => FROM.director,
        ChainEnd::GeneralManager => FROM.general_manager,
    };
    let posts = ChainEnd::ALL.iter().copied();
    posts
        .filter(|post| *post <= end && from(*post) <= level)
        .collect()
}

/// The tone of a level's badge.
pub const fn tone(level: i32) -> &'static str {
    match level {
        ..75 => "info",
        75..100 => "soon",
        _ => "bad",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graver_case_goes_further_up() {
        use ChainEnd::{CareManager, DepartmentHead, Director, GeneralManager};
        for (level, end, posts) in [
            (50, GeneralManager, vec![]),
            (75, CareManager, vec![]),
            (75, DepartmentHead, vec![DepartmentHead]),
            (90, CareManager, vec![CareManager]),
            (90, GeneralManager, vec![CareManager, DepartmentHead]),
            (100, DepartmentHead, vec![CareManager, DepartmentHead]),
            (100, Director, vec![CareManager, DepartmentHead, Director]),
            (150, CareManager, vec![CareManager]),
            (150, Director, vec![CareManager, DepartmentHead, Director]),
            (
                150,
                GeneralManager,
                vec![CareManager, DepartmentHead, Director, GeneralManager],
            ),
        ] {
            assert_eq!(reached(level, end), posts, "{level} {end}");
        }
    }
}
