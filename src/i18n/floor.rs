//! The board of the call floor.

use crate::i18n::Lang;

messages! {
    title { "现场看板", "Live floor" }
    meta { "今日应办与外呼现场，每 2 秒更新；每个数字都能打开明细", "Today's work and the calls, renewed every two seconds; every figure opens its rows" }
    as_of(time) { "数据截至 {time}", "As of {time}" }
    reload { "刷新", "Reload" }
    live { "实时", "Live" }
    lost { "与服务器的连接已断开，数字不再更新。", "The line to the server is gone; the figures stand still." }
    key_figures { "现场要点", "Key figures" }
    left { "今日剩余", "Left today" }
    left_foot(done, all) { "已办 {done} / {all}", "{done} of {all} done" }
    at_risk { "2 小时内到期", "Due within 2 hours" }
    at_risk_foot { "可拨打截止在即", "Callable deadline is near" }
    overdue { "逾期回访", "Overdue calls" }
    overdue_foot(open) { "待回访共 {open}", "of {open} open" }
    this_hour { "本小时拨打", "Dials this hour" }
    rate_foot(rate) { "接通率 {rate}", "{rate} connected" }
    unassigned { "未分配", "Nobody's yet" }
    unassigned_foot(count) { "今晚前到期 {count}", "{count} due by tonight" }
    burn_title { "今日燃尽", "Burn-down" }
    burn_hint { "虚线：按拨打时段匀速完成", "Dashed: an even pace over the calling hours" }
    burn_behind { "落后于匀速", "Behind the even pace" }
    burn_ahead { "不落后", "On pace" }
    burn_label(all, done, left) { "今日共 {all} 项，已办 {done}，剩余 {left}", "{all} today, {done} done, {left} left" }
    burn_none { "今天没有可拨打的时段。", "No calling hours today." }
    kinds { "按类型", "By kind" }
    kind { "类型", "Kind" }
    opened { "应办", "Owed" }
    done { "已办", "Done" }
    left_short { "剩余", "Left" }
    late { "其中逾期", "Overdue" }
    total { "合计", "Total" }
    none_title { "今天没有应办事项", "Nothing is owed today" }
    none_text { "每天的任务会列出到期的回访和提醒。", "The daily job lists what falls due." }
    calling { "通话中", "On the phone" }
    calling_none { "现在没有人在通话。", "Nobody is on a call now." }
    calling_for(span) { "已 {span}", "for {span}" }
    at_risk_title { "2 小时内到期", "Due within two hours" }
    at_risk_none { "没有两小时内到期的回访。", "No call is due within two hours." }
    at_risk_more(count) { "另有 {count} 位", "{count} more" }
    nobody { "未分配", "nobody's yet" }
    held { "暂缓", "Held back" }
    held_none { "没有暂缓的回访。", "Nothing is held back." }
    hours { "每小时拨打与接通", "Dials and connect rate by hour" }
    hours_hint { "描边为上周同日；点数字看拨打记录", "Outlined: the same day last week; a figure opens its dials" }
    dials { "拨打", "Dials" }
    rate { "接通率", "Connected" }
    hours_quiet { "今天还没有拨打。", "No dial today." }
    people { "按人员", "By person" }
    person { "人员", "Person" }
    person_left { "今晚前", "By tonight" }
    person_open { "名下待回访", "Open calls" }
    person_done { "今日办结", "Ended today" }
    away { "不在班", "Off duty" }
    share { "平均分出", "Share out" }
    share_title(name) { "把 {name} 的待回访平均分给其他人", "Share the open calls of {name} out to the others" }
    dials_title { "今日拨打", "Dials of today" }
    dials_hour(from, to) { "{from}:00–{to}:00", "{from}:00–{to}:00" }
    dials_connected { "仅接通", "Connected only" }
    dials_all { "全部拨打", "All dials" }
    dials_none_title { "没有拨打记录", "No dials" }
    dials_none_text { "换一个时段或人员。", "Try another hour or person." }
    at { "时间", "Time" }
    customer { "客户", "Customer" }
    occasion { "事由", "Occasion" }
    result { "结果", "Result" }
    note { "备注", "Note" }
}

impl T {
    /// Why calls are held back.
    pub fn held_reason(self, code: &str) -> &'static str {
        match (code, self.0) {
            ("touch_limit", Lang::Zh) => "近期联系过多",
            ("touch_limit", Lang::En) => "Contacted too often",
            ("car_in_shop", Lang::Zh) => "车辆在店",
            ("car_in_shop", Lang::En) => "Car in the shop",
            ("awaiting_answer", Lang::Zh) => "等待短信答复",
            ("awaiting_answer", Lang::En) => "Answer awaited",
            ("no_phone", Lang::Zh) => "没有有效号码",
            ("no_phone", Lang::En) => "No valid number",
            (_, Lang::Zh) => "其他原因",
            (_, Lang::En) => "Another reason",
        }
    }
}
