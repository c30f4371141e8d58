//! Care rules.

use crate::rules::Channel;
use crate::rules::fields::{Field, Gap, Section};

messages! {
    title { "时限与提醒规则", "Care rules" }
    meta { "哪件事产生哪项应办、何时到期、打不通怎么办。改动最早明天生效，已生成的应办不受影响", "Which event makes which obligation, when it is due, how often a call is tried. A change is valid from tomorrow; what exists stays as it is" }
    kind_label { "类型", "Kind" }
    when_label { "何时", "When" }
    retry_label { "打不通时", "When nobody answers" }
    version_label { "版本", "Version" }
    version_no(number) { "第 {number} 版", "Version {number}" }
    since(day) { "{day} 起", "Since {day}" }
    waits(day) { "新版本 {day} 生效", "Next version on {day}" }
    enabled { "启用", "On" }
    disabled { "停用", "Off" }
    edit(kind) { "更改“{kind}”的规则", "Change the rule “{kind}”" }
    days(number) { "{number} 天", "{number} d" }
    hours(number) { "{number} 小时", "{number} h" }
    minutes(number) { "{number} 分钟", "{number} min" }
    times(number) { "{number} 次", "{number} ×" }
    dayparts(number) { "{number} 个时段", "{number} dayparts" }
    of_month(day) { "每月 {day} 日", "Day {day} of the month" }
    lead_post_service(days) { "交车后 {days} 天内", "Within {days} days of the hand-over" }
    lead_ahead(days) { "到期前 {days} 天起", "From {days} days before the end" }
    lead_weekly(days) { "每周一，{days} 天内到期的", "Mondays, due within {days} days" }
    lead_renewal(before, after) { "到期前 {before} 天立案，到期后 {after} 天截止", "From {before} days before expiry to {after} days after" }
    lead_monthly(day, days) { "每月 {day} 日，{days} 天未回厂的", "Day {day} of the month, {days} days without a visit" }
    lead_cadence(days, whom) { "每 {days} 天，{whom}", "Every {days} days: {whom}" }
    retry_line(dials, days, parts) { "{dials} 次、{days} 天、{parts} 个时段", "{dials} dials, {days} days, {parts} dayparts" }
    no_calls { "不打电话", "No calls" }
    settings { "豁免比例上限", "Limit of exempt entries" }
    settings_hint { "某类应办的豁免超过这个比例，台账会提醒。", "The ledger warns when more than this share of a kind is exempt." }
    percent { "%", "%" }

    form_title { "更改规则", "Change the rule" }
    valid_from { "生效日", "Valid from" }
    valid_from_hint { "最早明天。这一天起发生的事按新规则。", "Tomorrow at the earliest. Events from this day on follow the new rule." }
    reason { "更改原因", "Reason" }
    reason_hint { "写给以后看历史的人。", "For whoever reads the history." }
    preview { "预览影响", "Preview the effect" }
    is_enabled_label { "启用这条规则", "This rule is on" }
    waiting_title(day) { "已有一个新版本等待 {day} 生效", "A new version waits for {day}" }
    waiting_text { "要再改，先撤回它。", "Withdraw it to change the rule again." }
    withdraw { "撤回", "Withdraw" }
    history { "更改历史", "History" }
    by(name) { "{name} 更改", "Changed by {name}" }
    by_system { "系统默认", "The program’s default" }
    in_force { "生效中", "In force" }
    waiting { "等待生效", "Waiting" }
    past { "已结束", "Over" }
    withdrawn { "已撤回", "Withdrawn" }
    withdrawn_by(name, at) { "{name} 于 {at} 撤回", "Withdrawn by {name} {at}" }
    field_column { "项目", "Field" }
    before { "现行", "In force" }
    after { "更改后", "Proposed" }

    preview_title { "预览影响", "Effect of the change" }
    preview_meta(day) { "{day} 起生效。以下数字由生成程序按新规则试算得出，没有写入", "Valid from {day}. The figures come from the generator itself, run under the new rule and taken back" }
    changes { "改了什么", "What changes" }
    effect { "会多出或减少多少", "How much more or less" }
    tomorrow { "明天", "Tomorrow" }
    next_30 { "未来 30 天", "Next 30 days" }
    obligations { "应办事项", "Obligations" }
    calls { "新增通话", "New calls" }
    messages { "短信提醒", "Messages" }
    exempt { "其中按规则豁免", "Of them exempt by rule" }
    difference { "差别", "Difference" }
    effect_note { "同一客户的事合并成一次通话。尚未发生的进站无法预知，不在其中。", "What one person is owed is one call. Visits that have not happened are not foreseen." }
    save(day) { "保存，{day} 起生效", "Save, valid from {day}" }
    back { "返回修改", "Back to the form" }

    days_within_dials { "天数不能多于拨打次数", "Not more days than dials" }
    dayparts_within_dials { "时段数不能多于拨打次数", "Not more dayparts than dials" }
    from_tomorrow { "最早明天生效", "Tomorrow at the earliest" }
    within_a_year { "一年之内", "Within a year" }
    nothing_changed { "还没有改动任何项目", "Nothing has been changed" }
    choose_one { "至少选一项", "Choose at least one" }
    offsets_bad { "用逗号分开的天数，如 -30, -15, 7；最多 20 个，前后一年以内", "Days with commas, as -30, -15, 7; at most 20, within a year" }
}

labels! { field(Field) {
    IsEnabled { "状态", "State" }
    MonthDay { "名单日", "Day of the list" }
    ThresholdDays { "多少天未回厂算流失", "Days away that count as lost" }
    CadenceDays { "间隔", "Interval" }
    Codes { "对象", "About" }
    VisitTypes { "进站类型", "Types of visits" }
    Offsets { "提前或延后天数", "Days before and after" }
    HorizonDays { "提前量", "Ahead" }
    DueDays { "期限", "Due" }
    LookbackDays { "补做", "Catch-up" }
    MessageDays { "短信过期转电话", "Late message becomes a call" }
    MinDials { "至少拨打", "Dials at least" }
    MinDays { "分布天数", "On days" }
    MinDayparts { "分布时段", "In dayparts" }
    RetryMinutes { "两次间隔", "Between two dials" }
} }

labels! { hint(Field) {
    IsEnabled { "停用后不再产生新的应办，已有的照常办完。", "Off: nothing new arises; what exists is worked off." }
    MonthDay { "1 到 28 日。", "1 to 28." }
    ThresholdDays { "行业口径 12 个月，即 366 天。", "The trade counts 12 months, 366 days." }
    CadenceDays { "天。从一次探望到下一次。", "Days from one visit to the next." }
    Codes { "勾选要包括的。", "Tick what is included." }
    VisitTypes { "勾选的类型交车后回访。", "Visits of these types are called back." }
    Offsets { "相对到期日，负数为之前，如 -30, -7, 7。", "Relative to the due day, negative is before: -30, -7, 7." }
    HorizonDays { "天。提前多少天列出；流失名单为往前多少天内新流失的。", "Days ahead that are listed; of lost cars, how many days of them." }
    DueDays { "天。从产生到应完成。", "Days until it is due." }
    LookbackDays { "天。晚到的数据和漏跑的日子往前补多少天。", "Days back that late files and missed runs are still taken." }
    MessageDays { "天。晚于此数不再发短信，改打电话。", "Days after which a message is no longer sent but the customer called." }
    MinDials { "次。少于此数不能结为尽责未达。", "Fewer dials cannot end as exhausted." }
    MinDays { "天。", "Different days." }
    MinDayparts { "上午、下午、傍晚共 3 个。", "Of morning, afternoon and evening." }
    RetryMinutes { "分钟。", "Minutes." }
} }

labels! { section(Section) {
    When { "何时", "When" }
    Whom { "对象", "Whom" }
    Windows { "补做与过期", "Catching up" }
    Retry { "打不通时", "When nobody answers" }
} }

labels! { gap(Gap) {
    NoPhone { "没有可用号码", "No number that works" }
    WrongPhone { "号码错误或停用", "Wrong or dead number" }
    UnknownExpiry { "保险到期日未知", "Insurance expiry unknown" }
} }

labels! { channel(Channel) {
    Call { "电话", "Call" }
    Sms { "短信", "Message" }
    None { "不联系", "No contact" }
} }
