//! The audit log.

use super::Lang;

messages! {
    title { "审计日志", "Audit log" }
    meta { "谁在什么时候做了什么。只增不改，逐条相连，任何改动都能查出。", "Who did what, and when. Append-only, each entry chained to the one before, so that any change shows." }
    chain { "范围", "Chain" }
    this_store { "本店", "This store" }
    group { "集团", "The group" }
    action_label { "操作", "Action" }
    person { "人员", "Person" }
    any { "全部", "Any" }
    at { "时间", "Time" }
    subject { "对象", "Subject" }
    change { "内容", "Change" }
    system { "系统", "The system" }
    number { "序号", "No." }
    newest { "回到最新", "Newest" }
    older { "更早", "Older" }
    empty_title { "没有符合条件的记录", "Nothing matches" }
    empty_text { "换一个操作或人员再看。", "Try another action or person." }
}

/// What is done, as entries code it: code, Chinese, English. Others are shown as their code.
pub const ACTIONS: &[(&str, &str, &str)] = &[
    ("auth.sign_in", "登录", "Signed in"),
    ("auth.set_password", "设置密码", "Set the password"),
    ("users.create", "新增用户", "Added a person"),
    ("users.update", "更改用户", "Changed a person"),
    ("users.activate", "启用账号", "Made a person active"),
    ("users.deactivate", "停用账号", "Made a person inactive"),
    ("users.reset_link", "生成一次性链接", "Made a one-time link"),
    ("users.add_to_store", "加入门店", "Added a person to the store"),
    ("stores.open", "新建门店", "Opened the store"),
    ("stores.update", "更改门店", "Changed the store"),
    ("stores.enter", "进入门店", "Entered the store"),
    ("stores.hours", "更改营业与联系时间", "Changed the hours"),
    ("complaints.accept", "受理抱怨", "Accepted a complaint"),
    ("complaints.join", "记入已有工单", "Added to an open case"),
    ("complaints.attach", "添加附件", "Added files to a case"),
    ("complaints.detach", "移除附件", "Removed a file of a case"),
    ("callbacks.settle", "保存通话结果", "Saved a call"),
    ("callbacks.skip", "放回一通回访", "Gave a call back"),
    ("callbacks.message", "记录短信结果", "Recorded a message"),
    ("callbacks.answer", "客户答复短信问卷", "A customer answered a message"),
    ("callbacks.assign", "分配回访", "Gave out calls"),
    ("callbacks.take_back", "收回回访", "Took calls back"),
    ("callbacks.change_many", "批量更改回访", "Changed many calls"),
    ("callbacks.undo_many", "撤销批量更改", "Undid a change of many calls"),
    ("callbacks.hand_over", "转交请假人员的回访", "Handed over the calls of people on leave"),
    ("shifts.copy", "沿用上周班次", "Copied a week of shifts"),
    ("shifts.leave", "登记请假", "Entered leave"),
    ("shifts.leave_cancel", "取消请假", "Cancelled leave"),
    ("shifts.save", "更改班次", "Changed shifts"),
    ("stores.days_add", "增加休息日或特殊营业日", "Added closed or special days"),
    ("stores.days_import", "导入日历文件", "Imported a calendar"),
    ("stores.days_national", "载入国家节假日", "Loaded national holidays"),
    ("stores.days_remove", "删除休息日或特殊营业日", "Removed closed or special days"),
    ("departments.create", "增加部门", "Added a department"),
    ("departments.update", "更改部门", "Changed a department"),
    ("complaints.dispatch", "上报或转派工单", "Gave a complaint to a department"),
    ("complaints.acknowledge", "确认接单", "Acknowledged a complaint"),
    ("complaints.note", "添加工单记录", "Noted something in a complaint"),
    ("complaints.follow_up", "记录跟踪", "Followed a complaint up"),
    ("complaints.contact", "记录与客户的沟通", "Recorded a talk with the customer"),
    ("complaints.plan", "承诺完成时间", "Promised a time"),
    ("complaints.handling", "提交处理意见", "Reported on a complaint"),
    ("complaints.wait", "等待客户", "Waits for the customer"),
    ("complaints.resume", "继续处理", "Went on with a complaint"),
    ("complaints.severity", "调整严重度", "Changed the severity"),
    ("complaints.escalate", "升级工单", "Escalated a complaint"),
    ("complaints.resolve", "处理完毕", "Dealt with a complaint"),
    ("complaints.withdraw", "客户撤诉", "Recorded a withdrawal"),
    ("complaints.invalid", "判为无效", "Called a complaint invalid"),
    ("complaints.merge", "合并工单", "Merged complaints"),
    ("complaints.investigate", "更新调查与处理", "Changed findings"),
    ("complaints.edit", "更正受理内容", "Corrected a complaint"),
    ("complaints.check", "更新处理清单", "Changed a checklist"),
    ("complaints.people", "更改协办与关注", "Changed who works on a complaint"),
    ("customers.create", "新建客户", "Added a customer"),
    ("customers.update", "更改客户", "Changed a customer"),
    ("customers.add_phone", "增加号码", "Added a phone number"),
    ("customers.update_phone", "更改号码", "Changed a phone number"),
    ("customers.reveal_phone", "查看完整号码", "Saw a whole phone number"),
    ("customers.consent", "记录联系许可", "Recorded a consent or its withdrawal"),
    ("customers.tags", "更改标签", "Changed tags"),
    ("reviews.save", "核对并更新档案", "Looked a file through and changed it"),
    ("reviews.confirm", "核对档案，无变化", "Looked a file through, nothing to change"),
    ("rules.change", "更改关爱规则", "Changed a care rule"),
    ("rules.withdraw", "撤回规则的新版本", "Withdrew a version of a rule"),
    ("rules.complaints", "更改抱怨时限", "Changed the clocks of complaints"),
    ("rules.chain", "更改抱怨提醒链", "Changed the chain of warnings"),
    ("rules.settings", "更改豁免比例上限", "Changed the limit of exempt entries"),
    ("exemptions.request", "申请豁免", "Asked for an exemption"),
    ("exemptions.approve", "批准豁免", "Approved an exemption"),
    ("exemptions.refuse", "不批准豁免", "Refused an exemption"),
    ("exemptions.withdraw", "收回豁免申请", "Withdrew a wish for an exemption"),
    ("reviews.settings", "更改资料核对设置", "Changed a setting of reviews"),
    ("vehicles.create", "新建车辆", "Added a vehicle"),
    ("vehicles.update", "更改车辆", "Changed a vehicle"),
    ("vehicles.add_person", "增加用车人", "Added a person to a vehicle"),
    ("vehicles.end_person", "结束用车关系", "Ended a person’s part in a vehicle"),
    ("vehicles.add_reading", "记录里程", "Recorded the odometer"),
    ("complaints.change_many", "批量改派工单", "Shared out many complaints"),
    ("complaints.undo_many", "撤销批量改派工单", "Took back a sharing out of complaints"),
    ("customers.change_many", "批量修改客户", "Changed many customers"),
    ("customers.undo_many", "撤销批量修改客户", "Took back a change of many customers"),
    ("call_sheets.make", "生成外呼单", "Made call sheets"),
    ("call_sheets.key", "录入外呼单", "Keyed in a call sheet"),
    ("vehicles.change_many", "批量修改车辆", "Changed many vehicles"),
    ("vehicles.undo_many", "撤销批量修改车辆", "Took back a change of many vehicles"),
    ("customers.merge", "合并客户档案", "Merged two customers"),
    ("customers.undo_merge", "撤销合并客户档案", "Took back a merge of customers"),
    ("vehicles.merge", "合并车辆档案", "Merged two vehicles"),
    ("vehicles.undo_merge", "撤销合并车辆档案", "Took back a merge of vehicles"),
    ("duplicates.dismiss", "判定不是同一份档案", "Called a pair of files different"),
    ("duplicates.reopen", "重新列入重复档案", "Put a pair of files back on the list"),
    ("views.create", "保存视图", "Saved a view"),
    ("views.update", "更改视图", "Changed a view"),
    ("views.delete", "删除视图", "Deleted a view"),
    ("exports.create", "导出列表", "Exported a list"),
    ("exports.alarm", "导出数量告警", "Alarm: many rows exported"),
    ("complaints.risk", "处理客户风险", "Acted on a risk"),
    ("complaints.opinion", "列入或移除产品质量意见", "Marked an opinion about the product"),
    ("complaints.export_opinions", "导出产品质量意见", "Took opinions out for the maker"),
    ("complaints.report", "出具调查报告", "Issued an investigation report"),
    ("appointments.request", "记录预约意向", "Noted a wish for a visit"),
    ("appointments.confirm", "确认预约", "Confirmed an appointment"),
    ("appointments.change", "改约", "Moved an appointment"),
    ("appointments.cancel", "取消预约", "Cancelled an appointment"),
    ("scripts.create", "新建话术", "Began a script"),
    ("scripts.edit", "保存话术草稿", "Saved a draft of a script"),
    ("scripts.publish", "发布话术", "Published a script"),
    ("scripts.discard", "丢弃话术草稿", "Discarded a draft of a script"),
    ("complaints.judge", "记录客户评价", "Recorded a verdict"),
    ("complaints.close", "关闭抱怨工单", "Closed a complaint"),
    ("complaints.reopen", "重开抱怨工单", "Reopened a complaint"),
    ("complaints.ask_after", "重大抱怨追访", "Called after a major case"),
    ("visits.create", "新建进站记录", "Added a visit"),
    ("visits.update", "更改进站记录", "Changed a visit"),
    ("reminders.record", "记录提醒", "Recorded a reminder"),
    ("reminders.mark_sms", "批量记为短信提醒", "Recorded reminders as sent by SMS"),
];

/// What it is done to: table, Chinese, English.
const SUBJECTS: &[(&str, &str, &str)] = &[
    ("appointments", "预约", "Appointment"),
    ("callbacks", "回访", "Callback"),
    ("complaints", "抱怨工单", "Complaint"),
    ("customers", "客户", "Customer"),
    ("departments", "部门", "Department"),
    ("duplicates", "重复档案", "Pair of files"),
    ("exemptions", "豁免申请", "Exemption"),
    ("exports", "导出", "Export"),
    ("imports", "导入", "Import"),
    ("obligations", "关爱义务", "Obligation"),
    ("opinion_files", "质量意见文件", "File of opinions"),
    ("phones", "号码", "Phone"),
    ("reminders", "提醒", "Reminder"),
    ("risks", "客户风险", "Risk"),
    ("rules", "关爱规则", "Care rule"),
    ("scripts", "话术", "Script"),
    ("stores", "门店", "Store"),
    ("users", "用户", "Person"),
    ("vehicles", "车辆", "Vehicle"),
    ("views", "视图", "View"),
    ("visits", "进站", "Visit"),
];

impl T {
    /// The words of an action, or its code.
    pub fn action(self, code: &str) -> &str {
        self.word(ACTIONS, code)
    }

    /// The words of a table, or its name.
    pub fn subject_name(self, table: &str) -> &str {
        self.word(SUBJECTS, table)
    }

    fn word<'a>(self, words: &[(&str, &'static str, &'static str)], code: &'a str) -> &'a str {
        let known = words.iter().find(|(known, ..)| *known == code);
        match (known, self.0) {
            (Some((_, zh, _)), Lang::Zh) => zh,
            (Some((_, _, en)), Lang::En) => en,
            (None, _) => code,
        }
    }
}
