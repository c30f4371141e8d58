//! Dates, times, durations, money and percent as the screens write them (design.md §7).

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use super::Lang;

/// Formats for one request: a language, the store's time zone and the present instant.
#[derive(Clone, Copy, Debug)]
pub struct Formatter {
    pub lang: Lang,
    pub zone: Tz,
    pub now: DateTime<Utc>,
}

impl Formatter {
    /// The store's calendar day at the present instant.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// A day in running text: `11月24日 周二` this year, `2025-11-20` otherwise.
    pub fn date(&self, day: &NaiveDate) -> String {
        match (day.year() == self.today().year(), self.lang) {
            (true, Lang::Zh) => format!(
                "{}月{}日 {}",
                day.month(),
                day.day(),
                weekday(self.lang, day.weekday())
            ),
            (true, Lang::En) => format!(
                "{} {} {}",
                weekday(self.lang, day.weekday()),
                day.day(),
                month(day.month())
            ),
            (false, Lang::Zh) => day.format("%Y-%m-%d").to_string(),
            (false, Lang::En) => format!("{} {} {}", day.day(), month(day.month()), day.year()),
        }
    }

    /// A day in tables: `11-24` this year, `2025-11-20` otherwise.
    pub fn short_date(&self, day: &NaiveDate) -> String {
        match (day.year() == self.today().year(), self.lang) {
            (true, Lang::Zh) => day.format("%m-%d").to_string(),
            (true, Lang::En) => format!("{} {}", day.day(), month(day.month())),
            (false, Lang::Zh) => day.format("%Y-%m-%d").to_string(),
            (false, Lang::En) => format!("{} {} {}", day.day(), month(day.month()), day.year()),
        }
    }

    /// A day as machines and forms write it: `2026-11-24`.
    pub fn iso_date(&self, day: &NaiveDate) -> String {
        day.format("%Y-%m-%d").to_string()
    }

    /// The store's wall clock: `09:05`.
    pub fn time(&self, at: &DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%H:%M").to_string()
    }

    /// A day and the store's wall clock in tables: `11-24 10:42`.
    pub fn datetime(&self, at: &DateTime<Utc>) -> String {
        format!(
            "{} {}",
            self.short_date(&at.with_timezone(&self.zone).date_naive()),
            self.time(at)
        )
    }

    /// A deadline in tables: midnight is the 24:00 of the day that it ends, not the 00:00 of the next.
    pub fn deadline(&self, at: &DateTime<Utc>) -> String {
        if self.minute_of_day(at) != 0 {
            return self.datetime(at);
        }
        let day = at.with_timezone(&self.zone).date_naive() - TimeDelta::days(1);
        format!("{} 24:00", self.short_date(&day))
    }

    /// The value of a `datetime-local` field in the store's time zone: `2026-11-24T10:42`.
    pub fn local_input(&self, at: &DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%dT%H:%M").to_string()
    }

    /// The value of a `<time datetime>` attribute: RFC 3339 with the store's offset.
    pub fn machine(&self, at: &DateTime<Utc>) -> String {
        at.with_timezone(&self.zone)
            .format("%Y-%m-%dT%H:%M:%S%:z")
            .to_string()
    }

    /// A day and the store's wall clock in full, for files: `2026-11-24 10:42`.
    pub fn stamp(&self, at: &DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string()
    }

    /// A near instant by its day: `今日 09:20`, `昨日 17:12`, `明日 09:20`, else as in tables.
    pub fn near(&self, at: &DateTime<Utc>) -> String {
        let days = (at.with_timezone(&self.zone).date_naive() - self.today()).num_days();
        let word = match (days, self.lang) {
            (-1, Lang::Zh) => "昨日",
            (0, Lang::Zh) => "今日",
            (1, Lang::Zh) => "明日",
            (-1, Lang::En) => "yesterday",
            (0, Lang::En) => "today",
            (1, Lang::En) => "tomorrow",
            _ => return self.datetime(at),
        };
        format!("{word} {}", self.time(at))
    }

    /// Hours and minutes: `1:18` is one hour and 18 minutes.
    pub fn duration(&self, span: TimeDelta) -> String {
        let minutes = span.num_minutes().abs();
        format!("{}:{:02}", minutes / 60, minutes % 60)
    }

    /// A whole number with separators: `61,280`.
    pub fn number(&self, value: impl Into<i64>) -> String {
        grouped(value.into())
    }

    /// Kilometres: `61,280 km`.
    pub fn km(&self, value: &i32) -> String {
        format!("{} km", grouped(i64::from(*value)))
    }

    /// An amount of fen: `1,286.00 元`, `CNY 1,286.00`.
    pub fn money(&self, fen: &i64) -> String {
        let amount = format!("{}.{:02}", grouped(fen / 100), (fen % 100).abs());
        match self.lang {
            Lang::Zh => format!("{amount} 元"),
            Lang::En => format!("CNY {amount}"),
        }
    }

    /// An amount of fen for a tile, as number and unit: `2.84` `万元` from ten thousand on, `6,420` `元` below.
    pub fn money_short(&self, fen: &i64) -> (String, &'static str) {
        const MYRIAD_FEN: i64 = 1_000_000;
        match self.lang {
            Lang::Zh if *fen >= MYRIAD_FEN => {
                let hundredths = (fen + 5_000) / 10_000;
                (
                    format!("{}.{:02}", grouped(hundredths / 100), hundredths % 100),
                    "万元",
                )
            }
            Lang::Zh => (grouped((fen + 50) / 100), "元"),
            Lang::En => (grouped((fen + 50) / 100), "CNY"),
        }
    }

    /// A share with one decimal, `98.6%`; a whole one without, `100%`; nothing of nothing is `—`.
    pub fn percent(&self, part: i64, whole: i64) -> String {
        if whole == 0 {
            return "—".to_owned();
        }
        let tenths = (part * 2000 + whole) / (whole * 2);
        if tenths % 10 == 0 {
            format!("{}%", tenths / 10)
        } else {
            format!("{}.{}%", tenths / 10, tenths % 10)
        }
    }

    /// A phone masked for the screen: `138 **** 2046`, `0571-****1234`.
    pub fn phone(&self, number: &str) -> String {
        crate::customers::phone::masked_on_screen(number)
    }

    /// The last four alone, for people who may not see more: `**** 2046`.
    pub fn phone_tail(&self, number: &str) -> String {
        format!("**** {}", crate::customers::phone::tail4(number))
    }

    /// A plate for the screen: `浙A·7K2M9`.
    pub fn plate(&self, plate: &str) -> String {
        crate::vehicles::plate::display(plate)
    }

    /// A VIN masked for the screen: `LSV*******014427`.
    pub fn vin(&self, vin: &str) -> String {
        crate::vehicles::vin::masked(vin)
    }

    /// The last four of a policy's number: `**** 2046`.
    pub fn policy_number(&self, number: &str) -> String {
        let tail = number
            .char_indices()
            .rev()
            .nth(3)
            .map_or("", |(at, _)| &number[at..]);
        format!("**** {tail}")
    }

    /// Minutes past midnight on the store's wall clock.
    pub fn minute_of_day(&self, at: &DateTime<Utc>) -> u32 {
        let local = at.with_timezone(&self.zone);
        local.hour() * 60 + local.minute()
    }
}

fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if value < 0 { format!("-{out}") } else { out }
}

fn weekday(lang: Lang, day: Weekday) -> &'static str {
    const ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    const EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let index = day.num_days_from_monday() as usize;
    match lang {
        Lang::Zh => ZH[index],
        Lang::En => EN[index],
    }
}

fn month(number: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    NAMES[(number as usize - 1) % 12]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatter(lang: Lang) -> Formatter {
        let now = "2026-11-24T02:00:00Z".parse().unwrap();
        Formatter {
            lang,
            zone: chrono_tz::Asia::Shanghai,
            now,
        }
    }

    #[test]
    fn dates_are_written_as_the_design_says() {
        let (zh, en) = (formatter(Lang::Zh), formatter(Lang::En));
        let this_year = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let before = NaiveDate::from_ymd_opt(2025, 11, 20).unwrap();
        assert_eq!(zh.date(&this_year), "11月24日 周二");
        assert_eq!(en.date(&this_year), "Tue 24 Nov");
        assert_eq!(zh.date(&before), "2025-11-20");
        assert_eq!(en.date(&before), "20 Nov 2025");
        let at = "2026-11-24T02:42:00Z".parse().unwrap();
        assert_eq!(zh.datetime(&at), "11-24 10:42");
        assert_eq!(en.datetime(&at), "24 Nov 10:42");
        assert_eq!(zh.near(&(at + TimeDelta::days(1))), "明日 10:42");
        let midnight = "2026-11-24T16:00:00Z".parse().unwrap();
        assert_eq!(
            (zh.deadline(&at), zh.deadline(&midnight)),
            ("11-24 10:42".to_owned(), "11-24 24:00".to_owned())
        );
    }

    #[test]
    fn numbers_are_written_as_the_design_says() {
        let (zh, en) = (formatter(Lang::Zh), formatter(Lang::En));
        assert_eq!(zh.km(&61280), "61,280 km");
        assert_eq!(zh.money(&128_600), "1,286.00 元");
        assert_eq!(en.money(&128_605), "CNY 1,286.05");
        assert_eq!(zh.money_short(&2_840_049), ("2.84".to_owned(), "万元"));
        assert_eq!(zh.money_short(&642_000), ("6,420".to_owned(), "元"));
        assert_eq!(en.money_short(&2_840_049), ("28,400".to_owned(), "CNY"));
        assert_eq!(zh.duration(TimeDelta::minutes(78)), "1:18");
        for (part, whole, text) in [
            (1, 1, "100%"),
            (986, 1000, "98.6%"),
            (2, 3, "66.7%"),
            (0, 0, "—"),
            (0, 5, "0%"),
        ] {
            assert_eq!(zh.percent(part, whole), text);
        }
    }
}
