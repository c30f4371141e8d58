//! Why a deadline is when it is; the calendar of a store by the year.

use chrono::{DateTime, Utc};

use super::format::Formatter;
use crate::calendar::DueReason;

messages! {
    why_at(at, why) { "{at}，{why}", "{at}, {why}" }
    why_calls_end { "电话时间到此结束", "because calling hours end then" }
    why_store_closes { "门店此时打烊", "because the store closes then" }
    why_messages_end { "短信时间到此结束", "because the hours for messages end then" }
    why_day_ends { "当天结束", "because the day ends then" }
    why_fixed { "这项工作自己的时限", "a time of its own" }
    why_first_chance { "留给拨打的时间不足，取最早可拨打的时间", "the first chance to call: the promise left no time" }
    why_last_before { "到期前最后一次能拨打", "the last minute for a call before it is due" }
    why_closed(day, name) { "{day} {name}闭店", "closed on {day} {name}" }
    why_closed_until(from, to, name) { "{from} 至 {to} {name}闭店", "closed from {from} to {to} {name}" }
    why_moved(day) { "顺延到 {day}", "so it moves to {day}" }
    why_no_window { "没有可拨打的时间", "no hours for calls" }
    title { "营业日历", "Calendar" }
    meta { "休息与特殊营业改变营业时间和时限；节假日与调休只作说明，门店照常营业。", "Closed and special days change opening and deadlines. Holidays and make-up days are notes: the store is open." }
    year(year) { "{year} 年", "{year}" }
    year_before { "上一年", "Year before" }
    year_after { "下一年", "Year after" }
    month(number) { "{number} 月", "Month {number}" }
    mark_closed { "休", "C" }
    mark_special { "特", "S" }
    mark_holiday { "假", "H" }
    mark_workday { "班", "W" }
    weekly_off { "每周休息", "Weekly day off" }
    provisional { "暂定", "Provisional" }
    provisional_hint(year) { "{year} 年的放假安排尚未核实，只列出法定节假日；公布后请载入或导入。", "The holidays of {year} are not confirmed: only the statutory days are here. Load or import the notice once it is out." }
    national { "国家节假日", "National holidays" }
    national_hint(source) { "来源：{source}。不改动休息与特殊营业。", "Source: {source}. Closed and special days stay as they are." }
    national_none(year) { "没有 {year} 年的数据，请导入日历文件。", "No data for {year}: import a calendar file." }
    national_load(year) { "载入 {year} 年节假日", "Load the holidays of {year}" }
    national_loaded(year, days) { "{year} 年节假日已载入，改动 {days} 天", "Holidays of {year} loaded, days changed: {days}" }
    change { "增加或更改", "Add or change" }
    festival { "春节休息", "Spring Festival" }
    festival_hint { "一次设好春节休息：期间不打电话，到期日顺延到开门后的第一天。", "Closes the days in one go: no calls, and what falls due moves to the first open day." }
    festival_name { "春节", "Spring Festival" }
    festival_close { "设为休息", "Close these days" }
    list { "全年安排", "Days of the year" }
    list_empty { "这一年没有特别的日子，每天按营业时间。", "An ordinary year: every day goes by the hours." }
    edit_run(name) { "更改 {name}", "Change {name}" }
    import { "导入日历文件", "Import a calendar" }
    import_hint { "iCalendar 文件（.ics），最大 256 KB。先预览，再写入。", "An iCalendar file (.ics) of up to 256 KB. It is shown before anything is written." }
    file { "文件", "File" }
    import_read { "读取并预览", "Read and preview" }
    import_title { "导入预览", "Import preview" }
    import_meta(count, name) { "{name} 中有 {count} 段日期，选择各自的类型。", "Runs of days in {name}: {count}. Choose what each of them is." }
    import_as { "作为", "As" }
    import_skip { "不导入", "Leave out" }
    import_write { "写入日历", "Write to the calendar" }
    ics_too_long { "文件超过 256 KB", "The file is larger than 256 KB" }
    ics_not_text { "文件不是 UTF-8 文本", "The file is not text in UTF-8" }
    ics_not_a_calendar { "这不是 iCalendar 文件：开头应为 BEGIN:VCALENDAR", "Not an iCalendar file: it should begin with BEGIN:VCALENDAR" }
    ics_cut_off { "文件不完整：缺少结尾，请重新下载", "The file is cut off: fetch it again" }
    ics_too_many { "超过 1000 个日程", "More than 1000 events" }
    ics_no_events { "文件里没有日程", "No event in the file" }
    ics_no_start(line) { "第 {line} 行的日程没有开始日期（DTSTART）", "Line {line}: an event without a first day (DTSTART)" }
    ics_bad_date(line) { "第 {line} 行的日期无法识别，应为 20270205", "Line {line}: not a date; 20270205 is one" }
    ics_bad_span(line) { "第 {line} 行的日程结束早于开始、超过 366 天，或不在 2000 至 2100 年", "Line {line}: it ends before it begins, lasts more than 366 days, or is not between 2000 and 2100" }
    ics_repeats(line) { "第 {line} 行是重复日程，请导出为逐日的日程", "Line {line}: a repeating event; export single days instead" }
    preview_title { "有时限会移动", "Deadlines will move" }
    preview_meta { "还没有保存。", "Nothing is saved yet." }
    preview_hint { "已经过去的时限不变；按严格口径的时限（三日内）不变。", "Deadlines that have passed stay, and so do the strict ones." }
    moved_earlier { "提前", "Earlier" }
    moved_later { "推后", "Later" }
    save_and_move { "保存并移动时限", "Save and move them" }
    deadlines_moved(earlier, later) { "已保存，时限提前 {earlier} 件，推后 {later} 件", "Saved. Deadlines moved: {earlier} earlier, {later} later" }
    why_separator { "；", "; " }
}

impl T {
    /// The steps of a deadline as one sentence; instants of today as bare times.
    pub fn why(self, fmt: &Formatter, reasons: &[DueReason]) -> String {
        self.told(fmt, reasons, |at, why| self.why_at(end_of(fmt, at), why))
    }

    /// The same beside the deadline itself: without its time, unless calls end before it.
    pub fn why_beside(self, fmt: &Formatter, reasons: &[DueReason]) -> String {
        let is_earlier = reasons.iter().any(|reason| matches!(reason, DueReason::LastCallable { .. }));
        if is_earlier {
            return self.why(fmt, reasons);
        }
        self.told(fmt, reasons, |_, why| why.to_owned())
    }

    fn told(
        self,
        fmt: &Formatter,
        reasons: &[DueReason],
        say: impl Fn(&DateTime<Utc>, &'static str) -> String,
    ) -> String {
        let mut parts: Vec<String> = self.closed(fmt, reasons).into_iter().collect();
        for reason in reasons {
            match reason {
                DueReason::MovedToOpenDay { day } => parts.push(self.why_moved(fmt.short_date(day))),
                DueReason::EndOfCalling { at } => parts.push(say(at, self.why_calls_end())),
                DueReason::StoreCloses { at } => parts.push(say(at, self.why_store_closes())),
                DueReason::EndOfMessages { at } => parts.push(say(at, self.why_messages_end())),
                DueReason::EndOfDay { at } => parts.push(say(at, self.why_day_ends())),
                DueReason::FirstChance { at } => parts.push(say(at, self.why_first_chance())),
                DueReason::FixedTime { at } => parts.push(say(at, self.why_fixed())),
                DueReason::NoCallableWindow | DueReason::NoOpenDay => {
                    parts.push(self.why_no_window().to_owned());
                }
                DueReason::LastCallable { .. } => parts.push(self.why_last_before().to_owned()),
                DueReason::StoreClosed { .. } | DueReason::DaysAfterHandOver { .. } => {}
            }
        }
        parts.join(self.why_separator())
    }

    /// A closing as its first and last day.
    fn closed(self, fmt: &Formatter, reasons: &[DueReason]) -> Option<String> {
        let days = reasons.iter().filter_map(|reason| {
            let DueReason::StoreClosed { day, name } = reason else {
                return None;
            };
            Some((day, name))
        });
        let days: Vec<_> = days.collect();
        let (first, last) = (days.first()?, days.last()?);
        let name = days.iter().map(|(_, name)| name.as_str()).find(|name| !name.is_empty()).unwrap_or("");
        Some(if first.0 == last.0 {
            self.why_closed(fmt.short_date(first.0), name)
        } else {
            self.why_closed_until(fmt.short_date(first.0), fmt.short_date(last.0), name)
        })
    }
}

/// The wall clock, with the day unless it is today; midnight is the 24:00 of the day that it ends.
fn end_of(fmt: &Formatter, at: &DateTime<Utc>) -> String {
    if fmt.minute_of_day(at) != 0 {
        let is_today = at.with_timezone(&fmt.zone).date_naive() == fmt.today();
        return if is_today { fmt.time(at) } else { fmt.near(at) };
    }
    let day = at.with_timezone(&fmt.zone).date_naive() - chrono::Days::new(1);
    if day == fmt.today() {
        "24:00".to_owned()
    } else {
        fmt.deadline(at)
    }
}
