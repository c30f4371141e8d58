//! What complaints are about: figures and the cases behind them, opinions for the maker, the report of a case.

use crate::complaints::analysis::model::{Dimension, Figure, Period};
use crate::i18n::Lang;

messages! {
    tab_list { "工单", "Cases" }
    tab_analysis { "分析", "Analysis" }
    tab_opinions { "质量意见", "Opinions" }
    tab_risks { "风险预警", "At risk" }
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
    unit_hours { "小时", "hours" }
    unit_days { "天", "days" }
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
    opinions_title { "产品质量意见", "Opinions about the product" }
    opinions_meta { "汇总给厂家；不含客户姓名和电话", "Collected for the car maker, without names and numbers of customers" }
    opinions_tab_marked { "已列入", "Collected" }
    opinions_tab_suggested { "建议列入", "Suggested" }
    opinions_month { "月份", "Month" }
    opinions_previous { "上个月", "The month before" }
    opinions_next { "下个月", "The month after" }
    opinions_empty_title { "这个月没有产品质量意见", "No opinions in this month" }
    opinions_empty_text { "在工单页或“建议列入”中列入。", "Collect them on the page of a case or under Suggested." }
    opinions_none_suggested { "没有可列入的工单", "Nothing to collect" }
    opinions_none_suggested_text { "产品质量类工单会列在这里。", "Cases about the product appear here." }
    opinion_add { "列入产品质量意见", "Collect for the maker" }
    opinion_remove { "从意见中移除", "Take out again" }
    opinion_is { "已列入产品质量意见，将汇总给厂家", "Collected as an opinion for the car maker" }
    opinion_is_not { "未列入给厂家的产品质量意见", "Not collected for the car maker" }
    opinion_suggested { "产品质量类，建议列入", "About the product: suggested" }
    opinions_export { "导出给厂家", "File for the maker" }
    opinions_export_note { "不含姓名和电话；原话中的号码、车牌和姓名会被遮盖。导出会留下记录。", "No names or numbers; those within the customer’s words are covered. The file leaves a record." }
    opinions_files { "导出记录", "Files made" }
    opinions_file_rows(count) { "{count} 条", "{count} rows" }
    reason { "用途", "Reason" }
    format { "格式", "Format" }
    vin { "车架号", "VIN" }
    odometer { "里程", "Mileage" }
    usage { "用途性质", "Use" }
    delivered_on { "交付日期", "Delivered" }
    symptom { "故障现象", "Symptom" }
    words { "客户原话", "Customer’s words" }
    cause { "原因", "Cause" }
    measure { "处理措施", "Measure" }
    minor { "细分", "Second level" }
    number { "工单号", "Number" }
    severity { "严重度", "Severity" }
    watermark(person, username, at, store, month, reason) { "{person}（{username}）{at} 导出，{store}，{month}，用途：{reason}", "Taken out by {person} ({username}) {at}, {store}, {month}, reason: {reason}" }
    sheet { "产品质量意见", "Opinions" }
    covered_number { "［号码］", "[number]" }
    covered_plate { "［车牌］", "[plate]" }
    covered_name { "［客户］", "[customer]" }
    covered_mail { "［邮箱］", "[mail]" }
    report_title { "抱怨调查报告", "Investigation report" }
    report_open { "调查报告", "Report" }
    report_make { "出具调查报告", "Issue the report" }
    report_print { "打印", "Print" }
    report_draft { "草稿：工单尚未解决", "Draft: the case is not dealt with" }
    report_final { "正式", "Final" }
    report_never { "尚未出具，打印的是预览", "Not issued yet: this is a preview" }
    report_made(n, at, by) { "第 {n} 次出具于 {at}，{by}", "Issued {at} by {by}, no. {n}" }
    report_of(number, store) { "{number} · {store}", "{number} · {store}" }
    report_printed_at { "打印时间", "Printed" }
    report_owner { "负责专员", "Led by" }
    section_customer { "一、客户与车辆", "1. Customer and car" }
    section_complaint { "二、抱怨内容", "2. The complaint" }
    section_findings { "三、调查经过与结论", "3. Findings" }
    section_result { "四、处理结果", "4. Result" }
    section_clocks { "五、时限", "5. Deadlines" }
    section_timeline { "六、处理过程", "6. What was done" }
    section_opinion { "七、处理意见", "7. Handling opinion" }
    opinion_department { "责任部门意见", "The department" }
    opinion_care { "客户关爱部意见", "Customer care" }
    opinion_management { "总经理意见", "The management" }
    sign_handler { "责任部门负责人签字", "For the department" }
    sign_care { "客户关爱经理签字", "Customer care manager" }
    sign_management { "总经理签字", "General manager" }
    sign_date { "日期", "Date" }
    phone { "电话", "Phone" }
    external_number { "外部编号", "External number" }
    external_due { "外部答复期限", "External deadline" }
    claimed { "要求金额", "Amount asked for" }
    course { "经过", "Course" }
    responsibility { "责任性质", "Responsibility" }
    result { "处理结果", "Result" }
    cost { "本店承担费用", "Borne by the store" }
    agreed_at { "客户同意", "Customer agreed" }
    not_filled { "（未填写）", "(not written yet)" }
    clock { "时限", "Deadline" }
    clock_due { "应于", "Due" }
    clock_done { "完成", "Done" }
    clock_open { "未完成", "open" }
    clock_late { "超时", "late" }
    verdict { "客户评价", "Verdict" }
    model { "车型", "Model" }
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

    /// A second level by the code of intake or of the questionnaire's reasons; other codes stand for themselves.
    pub fn minor_of_code(self, code: &str) -> String {
        if code.is_empty() {
            return self.unnamed().to_owned();
        }
        if let Some(text) = crate::i18n::complaint_minors::text(self.0, code) {
            return text.to_owned();
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
