//! The clocks of a complaint: their names, why they are due when they are, the severity table, warnings.

use crate::complaints::rules::forms::Column;
use crate::complaints::sla::ChainEnd;
use crate::i18n::Lang;
use crate::obligations::ObligationKind;

messages! {
    follow_up(number) { "第 {number} 次跟踪", "Follow-up {number}" }
    after(days) { "关闭后 {days} 天回访", "Call {days} days after closing" }
    answer { "退换车答复", "Answer about a replacement" }
    completion { "退换车完成", "Replacement carried out" }
    authority { "主管部门期限", "Date of the authority" }
    minutes(n) { "{n} 分钟", "{n} min" }
    hours(n) { "{n} 小时", "{n} h" }
    days(n) { "{n} 天", "{n} d" }
    not_owed { "不再需要", "Not owed" }
    exempt { "豁免", "Exempt" }
    paused_chip { "暂停", "Paused" }
    why_accepted(limit, from) { "{limit}，自受理 {from} 起", "{limit} from acceptance {from}" }
    why_opening(limit, from, accepted) { "{limit}，自开门 {from} 起（{accepted} 受理时已打烊）", "{limit} from opening {from} (accepted {accepted}, while closed)" }
    why_follow_up(limit, from) { "{limit}，自 {from} 起，处理完毕前每期一次", "{limit} from {from}, one in each period until dealt with" }
    why_from(limit, from) { "{limit}，自 {from} 起", "{limit} from {from}" }
    why_promised(at) { "已承诺客户 {at}", "Promised to the customer for {at}" }
    why_waited(time) { "，待客户暂停 {time}", ", paused {time} while waiting" }
    why_paused(since) { "，自 {since} 起暂停", ", standing still since {since}" }
    why_second(limit, from) { "{limit}，自处理完毕 {from} 起", "{limit} from dealt with {from}" }
    why_second_by(limit, from, at) { "{limit}，自处理完毕 {from} 起；可拨打到 {at}", "{limit} from dealt with {from}; can be called until {at}" }
    why_second_late(limit, from, at) { "{limit}，自处理完毕 {from} 起；期限内无可拨打时段，最早 {at}", "{limit} from dealt with {from}; no calling hours within, first chance {at}" }
    why_after(days, closed) { "关闭于 {closed}，{days} 天后回访；当日打烊则顺延到下个营业日", "Closed {closed}, call {days} days later; on a closed day the next open one" }
    why_law(days, accepted) { "三包规定第 28 条：自受理 {accepted} 起 {days} 个工作日", "Warranty rules, Art. 28: {days} working days from acceptance {accepted}" }
    warned(clock, level) { "{clock}：已用 {level}%", "{clock}: {level}% of its time" }
    message(store, number, clock, level, due) { "【{store}】{number} {clock}已用 {level}%，截止 {due}", "[{store}] {number} {clock}: {level}% of its time, due {due}" }
    bell(count) { "提醒，{count} 条未读", "Notices, {count} unread" }
    notices { "提醒", "Notices" }
    notices_meta { "抱怨时限用到 50、75、90、100、150% 时逐级提醒", "Complaint clocks at 50, 75, 90, 100 and 150% of their time, up the chain" }
    read_all { "全部标为已读", "Mark all as read" }
    read_one { "标为已读", "Mark as read" }
    open_case { "打开工单", "Open the case" }
    tab_unread { "未读", "Unread" }
    tab_all { "全部", "All" }
    tab_messages { "待发消息", "Messages waiting" }
    no_messages_title { "没有待发消息", "No messages waiting" }
    messages_text { "尚未接入短信通道；接入后，这些提醒会发到本人手机。", "No provider is connected yet; once there is one, these go to each person's phone." }
    no_notices_title { "没有未读提醒", "Nothing unread" }
    no_notices_text { "时限用到一半时会提醒负责人和处理人。", "Owner and handler hear of a clock once half of its time is gone." }
    to_whom { "发给", "To" }
    message_text { "内容", "Message" }
    at { "时间", "Time" }
    what { "工单与时限", "Case and clock" }
    level { "进度", "Level" }
    due { "截止", "Due" }
    percent(n) { "{n}%", "{n}%" }
    as_deputy(name) { "代 {name} 收到", "Received for {name}" }
    rules_title { "抱怨时限", "Complaint clocks" }
    rules_meta { "底线是上报 2 小时、跟踪 24 小时、二次回访 24 小时；可以更严，不能更松。保存后只对新受理的工单生效。", "The floor is 2 h to the department, 24 h between follow-ups, 24 h to the second callback: stricter is allowed, looser is not. A change counts for cases accepted from then on." }
    rules_link { "抱怨工单各严重度的时限和提醒链", "How long the clocks of complaints run, and whom their warnings reach" }
    rules_open { "设置时限", "Set the clocks" }
    while_closed { "打烊时照走", "Runs while closed" }
    always { "始终", "Always" }
    up_to { "提醒到", "Warnings up to" }
    as_promised { "按方案", "As promised" }
    reason { "修改原因", "Reason" }
    reason_hint { "写明谁要求、为什么", "Who asked for it, and why" }
    save_table { "保存时限", "Save the clocks" }
    history { "修改记录", "History" }
    version(n) { "第 {n} 版", "Version {n}" }
    by_system { "系统默认", "Default" }
    chain_title { "提醒链", "Chain of warnings" }
    chain_link { "部门经理和总监在提醒链中指定", "Heads and directors are named in the chain of warnings" }
    chain_hint { "50% 提醒负责人和处理人，75% 加部门经理，90% 加客服主管，100% 加总监，150% 加总经理；请假的由代理人同时收到。", "50% owner and handler, 75% also the department head, 90% the care manager, 100% the director, 150% the general manager; for whoever is on leave the deputy hears, too." }
    service_director { "服务总监", "Service director" }
    sales_director { "销售总监", "Sales director" }
    general_manager { "总经理", "General manager" }
    lead_of(department) { "{department}经理", "Head of {department}" }
    nobody { "未指定", "Nobody" }
    save_chain { "保存提醒链", "Save the chain" }
    cell(column, severity) { "{severity}：{column}", "{severity}: {column}" }
    why_authority { "以主管部门通知为准，当日 24:00 前", "As the authority's notice says, by the end of that day" }
}

labels! { chain_end(ChainEnd) {
    CareManager { "客服主管", "Care manager" }
    DepartmentHead { "部门经理", "Department head" }
    Director { "服务/销售总监", "Director" }
    GeneralManager { "总经理", "General manager" }
} }

labels! { column(Column) {
    Dispatch { "上报（分钟）", "Dispatch (min)" }
    Reply { "首次答复（分钟）", "First reply (min)" }
    FollowUp { "跟踪（小时）", "Follow-up (h)" }
    SecondCallback { "二次回访（小时）", "Second callback (h)" }
    Close { "目标关闭（天）", "Target close (d)" }
} }

impl T {
    /// Whether the clocks run while the store is closed.
    pub const fn runs(self, always: bool) -> &'static str {
        match (always, self.0) {
            (true, Lang::Zh) => "照走",
            (true, Lang::En) => "yes",
            (false, Lang::Zh) => "自开门起",
            (false, Lang::En) => "from opening",
        }
    }

    /// The name of a clock by its kind.
    pub const fn name(self, kind: ObligationKind) -> &'static str {
        let (zh, en) = match kind {
            ObligationKind::ComplaintDispatch => ("上报责任部门", "To the department"),
            ObligationKind::ComplaintFirstReply => ("首次答复客户", "First reply"),
            ObligationKind::ComplaintFollowUp => ("跟踪", "Follow-up"),
            ObligationKind::ComplaintPlan => ("处理方案", "Plan"),
            ObligationKind::ComplaintClose => ("目标关闭", "Target close"),
            ObligationKind::ComplaintSecondCallback => ("二次回访", "Second callback"),
            ObligationKind::ComplaintAfter => ("关闭后回访", "Call after closing"),
            ObligationKind::ComplaintExternal => ("外部期限", "External deadline"),
            ObligationKind::PostService
            | ObligationKind::WarrantyExpiry
            | ObligationKind::FirstMaintenance
            | ObligationKind::PeriodicMaintenance
            | ObligationKind::Renewal
            | ObligationKind::RenewalContact
            | ObligationKind::LostCustomer
            | ObligationKind::DataTask
            | ObligationKind::CareVisit
            | ObligationKind::ProfileReview => ("", ""),
        };
        match self.0 {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}
