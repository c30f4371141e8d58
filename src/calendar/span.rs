//! Intervals of instants, and the two set operations that calendars need.

use chrono::{DateTime, Utc};

/// `[start, end)` on the time line.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// In order, without empty ones, overlapping and touching ones merged: `range_agg` of PostgreSQL.
pub(super) fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|(start, end)| start < end);
    spans.sort_unstable();
    let mut result: Vec<Span> = Vec::with_capacity(spans.len());
    for (start, end) in spans {
        match result.last_mut() {
            Some((_, last_end)) if start <= *last_end => *last_end = end.max(*last_end),
            Some(_) | None => result.push((start, end)),
        }
    }
    result
}

/// What lies in both; each side must be merged already.
pub(super) fn intersection(left: &[Span], right: &[Span]) -> Vec<Span> {
    let mut result = Vec::new();
    let (mut i, mut j) = (0, 0);
    while let (Some(a), Some(b)) = (left.get(i), right.get(j)) {
        let (start, end) = (a.0.max(b.0), a.1.min(b.1));
        if start < end {
            result.push((start, end));
        }
        if a.1 <= b.1 { i += 1 } else { j += 1 }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(list: &[(i64, i64)]) -> Vec<Span> {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        list.iter().map(|&(start, end)| (at(start), at(end))).collect()
    }

    #[test]
    fn touching_spans_become_one_and_empty_ones_go() {
        assert_eq!(
            merged(spans(&[(5, 9), (1, 3), (3, 4), (4, 4), (7, 8)])),
            spans(&[(1, 4), (5, 9)])
        );
    }

    #[test]
    fn an_intersection_is_cut_at_every_edge() {
        let left = spans(&[(0, 4), (6, 10), (12, 13)]);
        let right = spans(&[(1, 2), (3, 7), (10, 12)]);
        assert_eq!(intersection(&left, &right), spans(&[(1, 2), (3, 4), (6, 7)]));
    }
}
