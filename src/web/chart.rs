//! Geometry of server-drawn figures: bar charts and gauges. Pure; `templates/macros/{chart,figure}.html` print them.
//!
//! A plot is an SVG of 100 × 100 units that CSS stretches; labels are HTML outside it, so text never distorts (design.md §5).

/// A column of a bar chart as the caller knows it.
#[derive(Clone, Debug)]
pub struct Column {
    /// Under the axis; empty between the labels that fit.
    pub label: String,
    /// Read out when the pointer rests on the bar.
    pub title: String,
    /// `None`: there is nothing to show, which is not the same as zero.
    pub value: Option<f64>,
}

/// A bar chart ready to print.
#[derive(Clone, Debug)]
pub struct BarChart {
    /// The conclusion in words, for those who do not see it.
    pub conclusion: String,
    /// Labels of the vertical axis, top first.
    pub y_labels: Vec<String>,
    /// Heights of the lines of the grid without the base.
    pub grid: Vec<String>,
    pub bars: Vec<Bar>,
    pub x_labels: Vec<String>,
    /// Height of the dashed target line.
    pub target: Option<String>,
}

/// One bar in units of the plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
    pub title: String,
    pub is_miss: bool,
}

/// What an axis ends with and how many equal steps it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    pub max: f64,
    pub steps: u32,
}

impl Axis {
    /// 0 to 100 %.
    pub const PERCENT: Axis = Axis { max: 100.0, steps: 4 };

    /// The smallest axis with round steps that holds a value; whole steps for counts.
    pub fn holding(value: f64) -> Axis {
        const NICE: [(f64, u32); 9] = [
            (1.0, 5),
            (1.2, 4),
            (1.5, 3),
            (2.0, 4),
            (2.5, 5),
            (3.0, 3),
            (4.0, 4),
            (5.0, 5),
            (8.0, 4),
        ];
        let value = value.max(4.0);
        let magnitude = 10f64.powf(value.log10().floor());
        let (max, steps) = NICE
            .into_iter()
            .map(|(factor, steps)| (factor * magnitude, steps))
            .find(|(max, steps)| *max >= value && (max / f64::from(*steps)).fract() == 0.0)
            .unwrap_or((10.0 * magnitude, 5));
        Axis { max, steps }
    }
}

impl BarChart {
    /// Bars from zero. Those below the target are marked; `unit` stands behind the top label only.
    pub fn new(
        columns: &[Column],
        axis: Axis,
        target: Option<f64>,
        unit: &str,
        conclusion: String,
    ) -> BarChart {
        /// Share of a column that its bar fills.
        const FILL: f64 = 0.64;
        let step = 100.0 / columns.len().max(1) as f64;
        let height = |value: f64| value.clamp(0.0, axis.max) / axis.max * 100.0;
        let bars = columns.iter().enumerate().filter_map(|(i, column)| {
            let value = column.value?;
            Some(Bar {
                x: units(step * (i as f64 + (1.0 - FILL) / 2.0)),
                y: units(100.0 - height(value)),
                width: units(step * FILL),
                height: units(height(value)),
                title: column.title.clone(),
                is_miss: target.is_some_and(|target| value < target),
            })
        });
        let line = |i: u32| axis.max * f64::from(axis.steps - i) / f64::from(axis.steps);
        BarChart {
            conclusion,
            y_labels: (0..=axis.steps)
                .map(|i| format!("{}{}", line(i), if i == 0 { unit } else { "" }))
                .collect(),
            grid: (0..axis.steps).map(|i| units(100.0 - height(line(i)))).collect(),
            bars: bars.collect(),
            x_labels: columns.iter().map(|column| column.label.clone()).collect(),
            target: target.map(|target| units(100.0 - height(target))),
        }
    }
}

/// A share against its target: a filled track with a notch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// `is-good`, `is-soon`, `is-bad` or empty.
    pub class: &'static str,
    pub fill: String,
    pub target: Option<String>,
    /// The same in words.
    pub label: String,
}

impl Gauge {
    /// A part of a whole on a scale that ends at `scale` percent, 100 unless the target is small.
    pub fn new(
        (part, whole): (i64, i64),
        target: Option<i64>,
        scale: i64,
        class: &'static str,
        label: String,
    ) -> Gauge {
        let share = if whole == 0 {
            0.0
        } else {
            part as f64 * 100.0 / whole as f64
        };
        let on_scale = |percent: f64| percent_of(percent * 100.0 / scale as f64);
        Gauge {
            class,
            fill: on_scale(share),
            target: target.map(|percent| on_scale(percent as f64)),
            label,
        }
    }
}

/// How long one case took.
#[derive(Clone, Debug, PartialEq)]
pub struct Took {
    pub value: f64,
    pub is_late: bool,
    /// Read out when the pointer rests on the dot.
    pub title: String,
}

/// A time axis with one dot for each case; what is behind the limit is tinted.
#[derive(Clone, Debug)]
pub struct DotStrip {
    /// The conclusion in words.
    pub conclusion: String,
    /// Where the late zone begins, and how wide it is.
    pub zone: (String, String),
    pub grid: Vec<String>,
    pub dots: Vec<Dot>,
    pub labels: Vec<String>,
}

/// One dot in units of the plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dot {
    pub x: String,
    pub y: String,
    pub is_late: bool,
    pub title: String,
}

impl DotStrip {
    /// Dots from zero to twice the limit, where all that took longer stand, too. Their height says nothing: it keeps them apart.
    pub fn new(took: &[Took], limit: f64, labels: Vec<String>, conclusion: String) -> DotStrip {
        let scale = limit * 2.0;
        let steps = labels.len().max(2) - 1;
        DotStrip {
            conclusion,
            zone: ("50".to_owned(), "50".to_owned()),
            grid: (0..=steps)
                .map(|i| units(100.0 * i as f64 / steps as f64))
                .collect(),
            dots: took
                .iter()
                .enumerate()
                .map(|(i, case)| Dot {
                    x: units(case.value.clamp(0.0, scale) / scale * 100.0),
                    y: (14 + i * 37 % 73).to_string(),
                    is_late: case.is_late,
                    title: case.title.clone(),
                })
                .collect(),
            labels,
        }
    }
}

/// A coordinate with the decimals that a screen can show.
fn units(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A length in percent of the drawing, within it.
pub fn percent_of(value: f64) -> String {
    format!("{}%", units(value.clamp(0.0, 100.0)))
}

/// A curve without axes in 100 × 100 units: its line, and the dot at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spark {
    pub line: String,
    pub dot: String,
}

/// The curve of some values between `low` and `high`; nothing of nothing.
pub fn spark(values: &[f64], low: f64, high: f64) -> Option<Spark> {
    let step = 100.0 / (values.len().max(2) - 1) as f64;
    let y = |value: &f64| units(100.0 - (value.clamp(low, high) - low) / (high - low) * 100.0);
    let last = y(values.last()?);
    let points: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(i, value)| format!("{} {}", units(step * i as f64), y(value)))
        .collect();
    let end = if values.len() == 1 { "0" } else { "100" };
    Some(Spark {
        line: format!("M{}", points.join("L")),
        dot: format!("M{end} {last}h0"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(value: Option<f64>) -> Column {
        Column {
            label: String::new(),
            title: String::new(),
            value,
        }
    }

    #[test]
    fn an_axis_ends_little_above_its_value_in_whole_steps() {
        for (value, max, steps) in [
            (0.0, 4.0, 4),
            (3.0, 4.0, 4),
            (5.0, 5.0, 5),
            (6.0, 8.0, 4),
            (9.0, 10.0, 5),
            (11.0, 12.0, 4),
            (13.0, 15.0, 3),
            (16.0, 20.0, 4),
            (101.0, 120.0, 4),
            (305.0, 400.0, 4),
            (810.0, 1000.0, 5),
        ] {
            assert_eq!(Axis::holding(value), Axis { max, steps }, "{value}");
        }
    }

    #[test]
    fn bars_stand_on_zero_and_nothing_is_no_bar() {
        let columns = [
            column(Some(100.0)),
            column(None),
            column(Some(50.0)),
            column(Some(0.0)),
        ];
        let chart = BarChart::new(&columns, Axis::PERCENT, Some(100.0), "%", String::new());
        assert_eq!(chart.bars.len(), 3);
        let first = &chart.bars[0];
        assert_eq!(
            (
                first.x.as_str(),
                first.y.as_str(),
                first.width.as_str(),
                first.height.as_str()
            ),
            ("4.5", "0", "16", "100")
        );
        assert_eq!(chart.bars[1].x, "54.5", "the empty column keeps its place");
        let misses: Vec<bool> = chart.bars.iter().map(|bar| bar.is_miss).collect();
        assert_eq!(misses, [false, true, true]);
        assert_eq!(chart.y_labels, ["100%", "75", "50", "25", "0"]);
        assert_eq!(chart.grid, ["0", "25", "50", "75"]);
        assert_eq!(chart.target.as_deref(), Some("0"));
        assert!(
            BarChart::new(&[], Axis::PERCENT, None, "", String::new())
                .bars
                .is_empty()
        );
    }

    #[test]
    fn a_dot_stands_where_its_time_is_and_never_outside() {
        let took = |value, is_late| Took {
            value,
            is_late,
            title: String::new(),
        };
        let cases = [
            took(0.0, false),
            took(60.0, false),
            took(150.0, true),
            took(9000.0, true),
        ];
        let labels = ["0", "1", "2"].map(str::to_owned).to_vec();
        let strip = DotStrip::new(&cases, 100.0, labels, String::new());
        let dots: Vec<(&str, bool)> = strip
            .dots
            .iter()
            .map(|dot| (dot.x.as_str(), dot.is_late))
            .collect();
        assert_eq!(dots, [("0", false), ("30", false), ("75", true), ("100", true)]);
        assert!(
            strip
                .dots
                .iter()
                .all(|dot| (14..87).contains(&dot.y.parse::<i32>().unwrap()))
        );
        assert_eq!(strip.grid, ["0", "50", "100"]);
    }

    #[test]
    fn a_gauge_stays_on_its_track() {
        let gauge = |share, target, scale| Gauge::new(share, target, scale, "", String::new());
        assert_eq!(gauge((986, 1000), Some(100), 100).fill, "98.6%");
        assert_eq!(gauge((0, 0), None, 100).fill, "0%");
        let exempt = gauge((3, 100), Some(5), 20);
        assert_eq!(
            (exempt.fill.as_str(), exempt.target.as_deref()),
            ("15%", Some("25%"))
        );
        assert_eq!(gauge((90, 100), Some(5), 20).fill, "100%");
    }

    #[test]
    fn a_curve_ends_in_a_dot() {
        let curve = spark(&[0.0, 10.0, 5.0], 0.0, 10.0).unwrap();
        assert_eq!(curve.line, "M0 100L50 0L100 50");
        assert_eq!(curve.dot, "M100 50h0");
        assert_eq!(spark(&[8.0], 0.0, 10.0).unwrap().dot, "M0 20h0");
        assert_eq!(spark(&[], 0.0, 10.0), None);
    }
}
