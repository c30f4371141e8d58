//! What complaints are about: figures and the cases behind them.

use crate::complaints::analysis::model::{Dimension, Figure, Period};
use crate::i18n::Lang;

messages! {
    tab_list { "工单", "Cases" }
    tab_analysis { "分析", "Analysis" }
    title { "抱怨分析", "What complaints are about" }
    meta(from, to, before_from, before_to) { "{from} 至 {to}，与 {before_from} 至 {before_to} 比较；点数字看工单", "{from} to {to}, against {before_from} to {before_to}; every figure opens its cases" }
    period_label { "时间段", "Period" }
    own_from { "从", "From" }
    own_to { "到", "To" }
    show { "查看", "Show" }
    key_figures { "主要指标", "Key figures" }
    before(value) { "上期 {value}", "before {value}" }
    basis(part, whole) { "{part} / {whole} 件", "{part} of {whole}" }
    basis_visits(cases, visits) { "{cases} 件 / {visits} 台次", "{cases} cases, {visits} visits" }
    nothing { "本期没有", "none in this period" }
    per_thousand { "千台投诉率", "Per thousand visits" }
    per_thousand_hint { "受理的抱怨 ÷ 交车台次 × 1000；洗车、新车检查和内部作业不算", "Complaints ÷ cars handed over × 1000, without washes, PDI and internal work" }
    trend_title { "千台投诉率，近 12 个月", "Complaints per thousand visits, 12 months" }
    trend_hint { "每柱一个月", "one bar a month" }
    trend_conclusion(last, peak) { "千台投诉率：最近一个月 {last}，12 个月最高 {peak}", "Complaints per thousand visits: {last} in the last month, {peak} at most in twelve" }
    trend_table { "各月数字", "The figures by month" }
    trend_empty { "近 12 个月没有交车记录。", "No visits in twelve months." }
    month { "月份", "Month" }
    cases { "件数", "Cases" }
    visits { "台次", "Visits" }
    times_title { "用时", "How long it takes" }
    times_hint { "每点一件，红区为超时", "one dot, one case; the tinted zone is late" }
    times_newest(count) { "画出最近 {count} 件", "the newest {count} are drawn" }
    median(value) { "中位数 {value}", "median {value}" }
    strip_conclusion(name, count, late, median) { "{name}：{count} 件，{late} 件超时，中位数 {median}", "{name}: {count} cases, {late} late, median {median}" }
    dispatch_time { "受理到上报", "To the department" }
    reply_time { "受理到首次答复", "To the first reply" }
    close_time { "受理到关闭", "To the close" }
    hours(n) { "{n} 小时", "{n} h" }
    days(n) { "{n} 天", "{n} d" }
    share { "占比", "Share" }
    count_heading { "件数", "Cases" }
    before_heading { "上期", "Before" }
    repeated_heading { "重复", "Repeated" }
    unnamed { "未注明", "Not said" }
    not_found_out { "未判定", "Not decided" }
    more(count) { "另有 {count} 项", "{count} more" }
    empty_title { "这段时间没有抱怨", "No complaints in this period" }
    empty_text { "换一个时间段再看。", "Try another period." }
    cases_meta(from, to) { "{from} 至 {to}", "{from} to {to}" }
    cases_empty { "没有工单", "No cases" }
    repeated_badge { "重复", "Repeated" }
    reopened(n) { "重开 {n} 次", "Reopened {n} times" }
}

labels! { period(Period) {
    Month { "本月", "This month" }
    LastMonth { "上月", "Last month" }
    Quarter { "本季", "This quarter" }
    LastQuarter { "上季", "Last quarter" }
    Own { "自定", "Own dates" }
} }

labels! { figure(Figure) {
    Accepted { "受理的抱怨", "Complaints accepted" }
    Repeated { "90 天内重复", "Repeated within 90 days" }
    RepeatedInClass { "90 天内同类重复", "Repeated, same class" }
    Dispatched { "已上报", "Dispatched" }
    Replied { "已首次答复", "Replied to" }
    Ended { "受理后已关闭", "Accepted and closed" }
    Owed { "本期应关闭", "To be closed" }
    Confirmed { "投诉关闭率", "Closure rate" }
    Timely { "及时关闭率", "Closed in time" }
    Closed { "本期关闭", "Closed" }
    Once { "一次解决率", "Solved at once" }
    Satisfied { "满意关闭率", "Closed satisfied" }
} }

labels! { figure_hint(Figure) {
    Accepted { "本期受理的工单，不含无效与合并", "Accepted in the period, without invalid and merged ones" }
    Repeated { "同一客户或同一车辆在之前 90 天内已有抱怨", "The same customer or car complained within the 90 days before" }
    RepeatedInClass { "同一客户或同一车辆在之前 90 天内已有同类抱怨", "The same customer or car complained of the same class within the 90 days before" }
    Dispatched { "已到责任部门的具名人员", "Has reached a named person" }
    Replied { "已与客户首次联系", "The customer was talked to" }
    Ended { "受理于本期且已关闭", "Accepted in the period and closed since" }
    Owed { "目标关闭时间在本期内且已到，不含撤诉、无效与合并", "The target close fell in the period and has passed; without withdrawn, invalid and merged ones" }
    Confirmed { "经二次回访关闭 ÷ 目标关闭时间在本期内的工单（不含撤诉、无效、合并）", "Closed with a second callback ÷ cases whose target close fell in the period (without withdrawn, invalid, merged)" }
    Timely { "在目标关闭时间之前关闭 ÷ 同一批工单", "Closed by the target ÷ the same cases" }
    Closed { "本期内关闭的工单", "Closed in the period" }
    Once { "未重开即关闭 ÷ 本期关闭的工单", "Closed without being reopened ÷ closed in the period" }
    Satisfied { "评价满意 ÷ 本期关闭的工单", "Verdict satisfied ÷ closed in the period" }
} }

labels! { dimension(Dimension) {
    Class { "按分类", "By class" }
    Minor { "按细分", "By second level" }
    Responsibility { "按责任性质", "By responsibility" }
    Department { "按责任部门", "By department" }
    Channel { "按渠道", "By channel" }
    Severity { "按严重度", "By severity" }
    Model { "按车型", "By model" }
    Advisor { "按服务顾问", "By advisor" }
} }

labels! { value_of(Dimension) {
    Class { "分类", "Class" }
    Minor { "细分", "Second level" }
    Responsibility { "责任性质", "Responsibility" }
    Department { "责任部门", "Department" }
    Channel { "渠道", "Channel" }
    Severity { "严重度", "Severity" }
    Model { "车型", "Model" }
    Advisor { "服务顾问", "Advisor" }
} }

impl T {
    /// A span of time: hours and minutes up to two days, days beyond; `—` where there is none.
    pub fn took(self, seconds: Option<f64>) -> String {
        let Some(seconds) = seconds.filter(|seconds| *seconds >= 0.0) else {
            return "—".to_owned();
        };
        let minutes = (seconds / 60.0).round() as i64;
        if minutes < 48 * 60 {
            return format!("{}:{:02}", minutes / 60, minutes % 60);
        }
        let days = format!("{:.1}", seconds / 86_400.0);
        match self.0 {
            Lang::Zh => format!("{days} 天"),
            Lang::En => format!("{days} d"),
        }
    }

    /// A second level by the code of the questionnaire's reasons; other codes stand for themselves.
    pub fn minor_of_code(self, code: &str) -> String {
        if code.is_empty() {
            return self.unnamed().to_owned();
        }
        let reasons = crate::scripts::defaults::questionnaire().reasons;
        let known = reasons.iter().find(|reason| reason.code == code);
        known.map_or_else(|| code.to_owned(), |reason| reason.text.get(self.0).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_hours_and_then_days() {
        for (seconds, zh) in [
            (None, "—"),
            (Some(-1.0), "—"),
            (Some(0.0), "0:00"),
            (Some(41.0 * 60.0), "0:41"),
            (Some(7199.0), "2:00"),
            (Some(47.0 * 3600.0), "47:00"),
            (Some(72.0 * 3600.0), "3.0 天"),
        ] {
            assert_eq!(T(Lang::Zh).took(seconds), zh, "{seconds:?}");
        }
    }
}
