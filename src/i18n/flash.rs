//! One-shot messages that survive a redirect.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::complaint_case::CaseDone;
use super::{Lang, complaint_intake, jobs, lists};
use crate::callbacks::messages::ByHand;
use crate::callbacks::queue::Refusal;
use crate::complaints::attachments::Refusal as FileRefusal;
use crate::complaints::verdict::Effect;
use crate::duplicates::merge::Refusal as MergeRefusal;
use crate::jobs::JobName;
use crate::shifts::OffDuty;

/// What the next page tells the person who has just done something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Flash {
    SignedIn {
        name: String,
    },
    PasswordSet,
    Saved,
    StoreEntered {
        name: String,
    },
    /// The file was confirmed before, at a time that is already written in a language.
    ImportKnown {
        at: String,
    },
    ImportDiscarded,
    /// Keys and values of the run's counts that are not 0.
    JobRan {
        job: JobName,
        counts: Vec<(String, i64)>,
    },
    JobFailed {
        job: JobName,
    },
    /// Still running when the page had to answer.
    JobStarted {
        job: JobName,
    },
    ReminderRecorded {
        name: String,
    },
    ReminderFellBack {
        name: String,
    },
    RemindersMarked {
        count: usize,
        skipped: usize,
    },
    /// Shown whole on the page `/users/link` only; the path is as good as a password until it is used.
    OneTimeLink {
        name: String,
        path: String,
    },
    PersonActive {
        name: String,
    },
    PersonInactive {
        name: String,
    },
    StoreOpened {
        name: String,
    },
    TimeZoneChanged,
    /// A change of the calendar that moved open deadlines.
    DeadlinesMoved {
        earlier: i64,
        later: i64,
    },
    NationalDaysLoaded {
        year: i32,
        days: u64,
    },
    /// Why the queue gives this person nothing now.
    OffDuty {
        reason: OffDuty,
    },
    /// Work cannot be given to somebody who is away.
    PersonAway {
        name: String,
    },
    ShiftsCopied {
        shifts: u64,
    },
    LeaveEntered {
        name: String,
        moved: i64,
    },
    /// The queue holds nothing for this person.
    NobodyToCall,
    CallSettled {
        complaint: bool,
    },
    /// Files sent to a case: how many are kept, and why others are not.
    Attached {
        added: usize,
        refused: Vec<(String, FileRefusal)>,
    },
    AttachmentRemoved {
        name: String,
    },
    /// A complaint was taken in; files that came with it and are not kept, with the reason.
    ComplaintAccepted {
        number: String,
        refused: Vec<(String, FileRefusal)>,
    },
    /// A complaint went into a case that was open already.
    ComplaintJoined {
        number: String,
        refused: Vec<(String, FileRefusal)>,
    },
    /// Back in the queue, with the time as the person reads it.
    CallRetry {
        at: String,
    },
    CallSkipped,
    /// A call in which the customer judged how a case was dealt with.
    CallJudged {
        effect: Effect,
    },
    /// The same on the page of the case.
    CaseJudged {
        effect: Effect,
    },
    /// The dials are used up: a message waits to be sent.
    CallMessage,
    MessageRecorded {
        outcome: ByHand,
    },
    DraftSaved,
    CallRefused {
        reason: Refusal,
    },
    /// Calls that belong again to whom they belonged before a change of many; the others have changed since.
    CallsReturned {
        restored: i64,
        left: i64,
    },
    SheetsMade {
        count: usize,
    },
    NoSheetChosen,
    /// Lines of a call sheet; those that somebody else has settled are refused.
    LinesKeyed {
        settled: usize,
        refused: usize,
    },
    NothingKeyed,
    ViewSaved {
        name: String,
    },
    ViewDeleted {
        name: String,
    },
    ViewNeedsName,
    NoChangeChosen,
    ManyChanged {
        changed: i64,
        same: i64,
    },
    ManyUndone {
        restored: i64,
    },
    UndoneBefore,
    RiskTaken,
    /// Somebody else has it, or it has ended.
    RiskTakenBefore,
    RiskReleased,
    RiskSettled {
        action: crate::complaints::risks::RiskAction,
    },
    OpinionMarked {
        is_opinion: bool,
    },
    ReportIssued,
    ExportTooLarge {
        limit: i64,
    },
    ConsentGiven,
    ConsentWithdrawn,
    /// A file was looked through; so many are left.
    FileReviewed {
        left: i64,
    },
    /// The last file of the list.
    FilesDone,
    Merged,
    MergeUndone {
        back: i64,
        left: i64,
    },
    MergeRefused {
        reason: MergeRefusal,
    },
    PairDismissed,
    PairReopened,
    DraftDiscarded,
    /// A script is in use from now on.
    ScriptPublished {
        version: i32,
    },
    ScriptDiscarded,
    /// A change of a rule was saved; its first day.
    RuleChanged {
        day: NaiveDate,
    },
    RuleWithdrawn,
    /// Another version waits for its day.
    RuleWaits,
    /// Too late to take a version back.
    RuleInForce,
    ExemptionsAsked {
        count: usize,
    },
    /// What was chosen has ended or was asked for before.
    NothingToExempt,
    ExemptionsDecided {
        is_approved: bool,
        done: i64,
        own: i64,
        left: i64,
    },
    ExemptionWithdrawn,
    AppointmentNoted,
    AppointmentConfirmed,
    AppointmentMoved,
    AppointmentCancelled,
    /// A form about ticked rows without one.
    NothingTicked,
    /// Something was done to a complaint.
    CaseDone {
        done: CaseDone,
    },
}

/// How a flash looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Done,
    Warning,
}

impl Level {
    /// The class and the icon of the design.
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Done => "good",
            Level::Warning => "soon",
        }
    }
}

impl Flash {
    /// Good news is green; what needs another look is amber.
    pub const fn level(&self) -> Level {
        let is_warning = match self {
            Flash::TimeZoneChanged
            | Flash::OffDuty { .. }
            | Flash::PersonAway { .. }
            | Flash::JobFailed { .. }
            | Flash::CallRefused { .. }
            | Flash::RuleWaits
            | Flash::RuleInForce
            | Flash::NothingToExempt
            | Flash::NothingTicked
            | Flash::MergeRefused { .. }
            | Flash::NoSheetChosen
            | Flash::NothingKeyed
            | Flash::ViewNeedsName
            | Flash::NoChangeChosen
            | Flash::UndoneBefore
            | Flash::ExportTooLarge { .. }
            | Flash::RiskTakenBefore
            | Flash::ImportKnown { .. } => true,
            Flash::Attached { added, refused } => *added == 0 || !refused.is_empty(),
            Flash::ComplaintAccepted { refused, .. } | Flash::ComplaintJoined { refused, .. } => {
                !refused.is_empty()
            }
            Flash::RemindersMarked { count, skipped } => *count == 0 || *skipped > 0,
            Flash::CallsReturned { left, .. } => *left > 0,
            Flash::LinesKeyed { refused, .. } => *refused > 0,
            Flash::MergeUndone { left, .. } => *left > 0,
            Flash::ExemptionsDecided { own, left, .. } => *own + *left > 0,
            Flash::SignedIn { .. }
            | Flash::PasswordSet
            | Flash::Saved
            | Flash::StoreEntered { .. }
            | Flash::AttachmentRemoved { .. }
            | Flash::JobRan { .. }
            | Flash::JobStarted { .. }
            | Flash::ReminderRecorded { .. }
            | Flash::ReminderFellBack { .. }
            | Flash::OneTimeLink { .. }
            | Flash::PersonActive { .. }
            | Flash::PersonInactive { .. }
            | Flash::StoreOpened { .. }
            | Flash::DeadlinesMoved { .. }
            | Flash::NationalDaysLoaded { .. }
            | Flash::LeaveEntered { .. }
            | Flash::ShiftsCopied { .. }
            | Flash::NobodyToCall
            | Flash::CallSettled { .. }
            | Flash::CallRetry { .. }
            | Flash::CallSkipped
            | Flash::CallJudged { .. }
            | Flash::CaseJudged { .. }
            | Flash::CallMessage
            | Flash::MessageRecorded { .. }
            | Flash::DraftSaved
            | Flash::SheetsMade { .. }
            | Flash::ViewSaved { .. }
            | Flash::ViewDeleted { .. }
            | Flash::ManyChanged { .. }
            | Flash::ManyUndone { .. }
            | Flash::ConsentGiven
            | Flash::ConsentWithdrawn
            | Flash::FileReviewed { .. }
            | Flash::FilesDone
            | Flash::Merged
            | Flash::PairDismissed
            | Flash::PairReopened
            | Flash::DraftDiscarded
            | Flash::ScriptPublished { .. }
            | Flash::ScriptDiscarded
            | Flash::RuleChanged { .. }
            | Flash::RuleWithdrawn
            | Flash::ExemptionsAsked { .. }
            | Flash::ExemptionWithdrawn
            | Flash::AppointmentNoted
            | Flash::AppointmentConfirmed
            | Flash::AppointmentMoved
            | Flash::AppointmentCancelled
            | Flash::RiskTaken
            | Flash::RiskReleased
            | Flash::RiskSettled { .. }
            | Flash::OpinionMarked { .. }
            | Flash::ReportIssued
            | Flash::CaseDone { .. }
            | Flash::ImportDiscarded => false,
        };
        if is_warning { Level::Warning } else { Level::Done }
    }

    /// The sentence in a language: names the result, not the success.
    pub fn text(&self, lang: Lang) -> String {
        match (self, lang) {
            (Flash::SignedIn { name }, Lang::Zh) => format!("你好，{name}"),
            (Flash::SignedIn { name }, Lang::En) => format!("Hello {name}"),
            (Flash::PasswordSet, Lang::Zh) => "密码已设置".to_owned(),
            (Flash::PasswordSet, Lang::En) => "Password set".to_owned(),
            (Flash::Saved, Lang::Zh) => "已保存".to_owned(),
            (Flash::Saved, Lang::En) => "Saved".to_owned(),
            (Flash::StoreEntered { name }, Lang::Zh) => format!("现在是 {name}"),
            (Flash::StoreEntered { name }, Lang::En) => format!("Now working in {name}"),
            (Flash::ImportKnown { at }, _) => super::imports::T(lang).already(at),
            (Flash::ImportDiscarded, _) => super::imports::T(lang).discarded_title().to_owned(),
            (Flash::JobRan { job, counts }, _) => job_ran(jobs::T(lang), *job, counts),
            (Flash::JobFailed { job }, Lang::Zh) => format!("{}失败，原因见下", jobs::T(lang).name(*job)),
            (Flash::JobFailed { job }, Lang::En) => {
                format!("{} failed; the reason is below", jobs::T(lang).name(*job))
            }
            (Flash::JobStarted { job }, Lang::Zh) => {
                format!("{}仍在运行，稍后刷新", jobs::T(lang).name(*job))
            }
            (Flash::JobStarted { job }, Lang::En) => {
                format!("{} is still running; reload later", jobs::T(lang).name(*job))
            }
            (Flash::ReminderRecorded { name }, Lang::Zh) => format!("已记录：{name} 已提醒"),
            (Flash::ReminderRecorded { name }, Lang::En) => format!("Recorded: {name} has been reminded"),
            (Flash::ReminderFellBack { name }, Lang::Zh) => format!("{name} 已转入回访队列"),
            (Flash::ReminderFellBack { name }, Lang::En) => format!("{name} has moved to the callback queue"),
            (Flash::RemindersMarked { count: 0, skipped: 0 }, Lang::Zh) => "没有勾选任何提醒".to_owned(),
            (Flash::RemindersMarked { count: 0, skipped: 0 }, Lang::En) => {
                "No reminder was ticked".to_owned()
            }
            (Flash::RemindersMarked { count, skipped: 0 }, Lang::Zh) => {
                format!("{count} 位已记为短信提醒")
            }
            (Flash::RemindersMarked { count, skipped: 0 }, Lang::En) => {
                format!("{count} recorded as reminded by SMS")
            }
            (Flash::RemindersMarked { count, skipped }, Lang::Zh) => {
                format!("{count} 位已记为短信提醒，{skipped} 位已被他人处理，未改动")
            }
            (Flash::RemindersMarked { count, skipped }, Lang::En) => {
                format!("{count} recorded as reminded by SMS, {skipped} left alone: somebody else was faster")
            }
            (Flash::OneTimeLink { name, .. }, Lang::Zh) => format!("已为 {name} 生成链接"),
            (Flash::OneTimeLink { name, .. }, Lang::En) => format!("Link for {name} made"),
            (Flash::PersonActive { name }, Lang::Zh) => format!("已启用 {name}"),
            (Flash::PersonActive { name }, Lang::En) => format!("{name} is active"),
            (Flash::PersonInactive { name }, Lang::Zh) => format!("已停用 {name}"),
            (Flash::PersonInactive { name }, Lang::En) => format!("{name} is inactive"),
            (Flash::StoreOpened { name }, Lang::Zh) => format!("已新建门店 {name}"),
            (Flash::StoreOpened { name }, Lang::En) => format!("Store {name} opened"),
            (Flash::DeadlinesMoved { earlier, later }, _) => {
                super::calendar::T(lang).deadlines_moved(earlier, later)
            }
            (Flash::NationalDaysLoaded { year, days }, _) => {
                super::calendar::T(lang).national_loaded(year, days)
            }
            (Flash::OffDuty { reason }, _) => super::shifts::T(lang).off_duty(*reason).to_owned(),
            (Flash::ShiftsCopied { shifts }, _) => super::shifts::T(lang).copied(shifts),
            (Flash::PersonAway { name }, _) => super::shifts::T(lang).person_away(name),
            (Flash::LeaveEntered { name, moved: 0 }, _) => super::shifts::T(lang).leave_entered(name),
            (Flash::LeaveEntered { name, moved }, _) => {
                super::shifts::T(lang).leave_entered_moved(name, moved)
            }
            (Flash::TimeZoneChanged, Lang::Zh) => {
                "时区已更改，营业日与时限从现在起按新时区计算，请核对营业时间".to_owned()
            }
            (Flash::TimeZoneChanged, Lang::En) => {
                "Time zone changed: days and deadlines follow it from now on. Check the hours".to_owned()
            }
            (Flash::CaseDone { done }, _) => done.text(lang),
            (Flash::NobodyToCall, Lang::Zh) => "现在没有轮到你回访的客户".to_owned(),
            (Flash::NobodyToCall, Lang::En) => "Nobody for you to call now".to_owned(),
            (Flash::CallSettled { complaint: false }, Lang::Zh) => "回访已保存".to_owned(),
            (Flash::CallSettled { complaint: false }, Lang::En) => "Callback saved".to_owned(),
            (Flash::CallSettled { complaint: true }, Lang::Zh) => "回访已保存，抱怨工单已生成".to_owned(),
            (Flash::CallSettled { complaint: true }, Lang::En) => {
                "Callback saved, complaint opened".to_owned()
            }
            (Flash::Attached { added, refused }, lang) => complaint_intake::attached(lang, *added, refused),
            (Flash::AttachmentRemoved { name }, Lang::Zh) => format!("已移除 {name}"),
            (Flash::AttachmentRemoved { name }, Lang::En) => format!("Removed {name}"),
            (Flash::ComplaintAccepted { number, refused }, lang) => {
                let done = match lang {
                    Lang::Zh => format!("已受理 {number}"),
                    Lang::En => format!("Accepted as {number}"),
                };
                complaint_intake::with_refused(lang, done, refused)
            }
            (Flash::ComplaintJoined { number, refused }, lang) => {
                let done = match lang {
                    Lang::Zh => format!("已记入 {number}，没有新建工单"),
                    Lang::En => format!("Added to {number}; no new case"),
                };
                complaint_intake::with_refused(lang, done, refused)
            }
            (Flash::CallRetry { at }, Lang::Zh) => format!("已保存，{at} 回到队列"),
            (Flash::CallRetry { at }, Lang::En) => format!("Saved; back in the queue {at}"),
            (Flash::CallMessage, Lang::Zh) => "已拨打完毕，短信待发送；发出后等待答复".to_owned(),
            (Flash::CallMessage, Lang::En) => {
                "Tried as often as promised; a message waits to be sent".to_owned()
            }
            (
                Flash::MessageRecorded {
                    outcome: ByHand::Sent,
                },
                Lang::Zh,
            ) => "已记为发出，等待客户答复".to_owned(),
            (
                Flash::MessageRecorded {
                    outcome: ByHand::Sent,
                },
                Lang::En,
            ) => "Recorded as sent; the answer is awaited".to_owned(),
            (
                Flash::MessageRecorded {
                    outcome: ByHand::Failed,
                },
                Lang::Zh,
            ) => "已记为发送失败，按尽责未达结束".to_owned(),
            (
                Flash::MessageRecorded {
                    outcome: ByHand::Failed,
                },
                Lang::En,
            ) => "Recorded as failed; it ends as not reached".to_owned(),
            (
                Flash::CallJudged {
                    effect: Effect::Closed,
                },
                Lang::Zh,
            ) => "回访已保存，工单已关闭".to_owned(),
            (
                Flash::CallJudged {
                    effect: Effect::Closed,
                },
                Lang::En,
            ) => "Callback saved, case closed".to_owned(),
            (
                Flash::CallJudged {
                    effect: Effect::Reopened,
                },
                Lang::Zh,
            ) => "回访已保存，工单已重开".to_owned(),
            (
                Flash::CallJudged {
                    effect: Effect::Reopened,
                },
                Lang::En,
            ) => "Callback saved, case reopened".to_owned(),
            (
                Flash::CaseJudged {
                    effect: Effect::Closed,
                },
                Lang::Zh,
            ) => "工单已关闭".to_owned(),
            (
                Flash::CaseJudged {
                    effect: Effect::Closed,
                },
                Lang::En,
            ) => "Case closed".to_owned(),
            (
                Flash::CaseJudged {
                    effect: Effect::Reopened,
                },
                Lang::Zh,
            ) => "工单已重开".to_owned(),
            (
                Flash::CaseJudged {
                    effect: Effect::Reopened,
                },
                Lang::En,
            ) => "Case reopened".to_owned(),
            (Flash::CallSkipped, Lang::Zh) => "已放回队列".to_owned(),
            (Flash::CallSkipped, Lang::En) => "Back in the queue".to_owned(),
            (Flash::DraftSaved, Lang::Zh) => "草稿已保存".to_owned(),
            (Flash::DraftSaved, Lang::En) => "Draft saved".to_owned(),
            (Flash::CallRefused { reason }, lang) => super::callbacks::T(lang).refusal(*reason).to_owned(),
            (Flash::CallsReturned { restored, left: 0 }, Lang::Zh) => {
                format!("已撤销，{restored} 位回到原来的人")
            }
            (Flash::CallsReturned { restored, left: 0 }, Lang::En) => {
                format!("Taken back; {restored} are with their people again")
            }
            (Flash::CallsReturned { restored, left }, Lang::Zh) => {
                format!("已撤销，{restored} 位回到原来的人；{left} 位之后有过变动，没有改回")
            }
            (Flash::CallsReturned { restored, left }, Lang::En) => {
                format!(
                    "Taken back; {restored} are with their people again, {left} have changed since and stay"
                )
            }
            (Flash::ConsentGiven, Lang::Zh) => "已记录客户同意".to_owned(),
            (Flash::ConsentGiven, Lang::En) => "Consent recorded".to_owned(),
            (Flash::ConsentWithdrawn, Lang::Zh) => "已记录客户拒绝，即刻生效".to_owned(),
            (Flash::ConsentWithdrawn, Lang::En) => "Refusal recorded; it holds at once".to_owned(),
            (Flash::FileReviewed { left }, Lang::Zh) => format!("已核对，本列表还有 {left} 份"),
            (Flash::FileReviewed { left }, Lang::En) => format!("Looked through; {left} left in this list"),
            (Flash::FilesDone, Lang::Zh) => "已核对，本列表全部完成".to_owned(),
            (Flash::FilesDone, Lang::En) => "Looked through; nothing is left in this list".to_owned(),
            (Flash::Merged, Lang::Zh) => "两份档案已合并，可在“合并记录”中撤销".to_owned(),
            (Flash::Merged, Lang::En) => "Merged; it can be taken back under “Merges”".to_owned(),
            (Flash::MergeUndone { back, left }, _) => {
                let t = super::duplicates::T(lang);
                let stayed = if *left > 0 { t.stayed(left) } else { String::new() };
                format!("{}{stayed}", t.went_back(back))
            }
            (Flash::MergeRefused { reason }, _) => super::duplicates::T(lang).refusal(*reason).to_owned(),
            (Flash::PairDismissed, Lang::Zh) => "已记住不是同一个，不会再提出".to_owned(),
            (Flash::PairDismissed, Lang::En) => {
                "Remembered as different; it will not be proposed again".to_owned()
            }
            (Flash::PairReopened, Lang::Zh) => "已重新列入待处理".to_owned(),
            (Flash::PairReopened, Lang::En) => "Back among those to decide".to_owned(),
            (Flash::ScriptPublished { version }, Lang::Zh) => format!("v{version} 已发布，新的通话开始使用"),
            (Flash::ScriptPublished { version }, Lang::En) => {
                format!("v{version} is published; new calls use it")
            }
            (Flash::ScriptDiscarded, Lang::Zh) => "草稿已丢弃".to_owned(),
            (Flash::ScriptDiscarded, Lang::En) => "Draft discarded".to_owned(),
            (Flash::RuleChanged { day }, Lang::Zh) => format!("规则已保存，{day} 起生效"),
            (Flash::RuleChanged { day }, Lang::En) => format!("Saved; the rule is valid from {day}"),
            (Flash::RuleWithdrawn, Lang::Zh) => "新版本已撤回，现行规则继续有效".to_owned(),
            (Flash::RuleWithdrawn, Lang::En) => "Withdrawn; the rule in force goes on".to_owned(),
            (Flash::RuleWaits, Lang::Zh) => "已有一个新版本等待生效，先撤回它".to_owned(),
            (Flash::RuleWaits, Lang::En) => "Another version waits for its day; withdraw it first".to_owned(),
            (Flash::RuleInForce, Lang::Zh) => "这个版本已生效或已撤回".to_owned(),
            (Flash::RuleInForce, Lang::En) => "This version is in force or withdrawn already".to_owned(),
            (Flash::ExemptionsAsked { count }, Lang::Zh) => {
                format!("已提交 {count} 项豁免申请，等待另一人批准")
            }
            (Flash::ExemptionsAsked { count }, Lang::En) => {
                format!("Asked for {count}; somebody else decides")
            }
            (Flash::NothingToExempt, Lang::Zh) => "勾选的事项已结束，或已有申请".to_owned(),
            (Flash::NothingToExempt, Lang::En) => {
                "The entries have ended or were asked for before".to_owned()
            }
            (
                Flash::ExemptionsDecided {
                    is_approved,
                    done,
                    own,
                    left,
                },
                lang,
            ) => super::exemptions::T(lang).decided(*is_approved, *done, *own, *left),
            (Flash::ExemptionWithdrawn, Lang::Zh) => "申请已收回".to_owned(),
            (Flash::ExemptionWithdrawn, Lang::En) => "The request is taken back".to_owned(),
            (Flash::AppointmentNoted, Lang::Zh) => "预约已记录".to_owned(),
            (Flash::AppointmentNoted, Lang::En) => "The appointment is noted".to_owned(),
            (Flash::AppointmentConfirmed, Lang::Zh) => "预约已确认".to_owned(),
            (Flash::AppointmentConfirmed, Lang::En) => "The appointment is confirmed".to_owned(),
            (Flash::AppointmentMoved, Lang::Zh) => "已改约".to_owned(),
            (Flash::AppointmentMoved, Lang::En) => "The appointment is changed".to_owned(),
            (Flash::AppointmentCancelled, Lang::Zh) => "预约已取消".to_owned(),
            (Flash::AppointmentCancelled, Lang::En) => "The appointment is cancelled".to_owned(),
            (Flash::NothingTicked, Lang::Zh) => "请先勾选记录".to_owned(),
            (Flash::NothingTicked, Lang::En) => "Tick rows first".to_owned(),
            (Flash::DraftDiscarded, Lang::Zh) => "草稿已放弃".to_owned(),
            (Flash::DraftDiscarded, Lang::En) => "Draft discarded".to_owned(),
            (Flash::SheetsMade { count }, Lang::Zh) => format!("已生成 {count} 张外呼单"),
            (Flash::SheetsMade { count: 1 }, Lang::En) => "One sheet made".to_owned(),
            (Flash::SheetsMade { count }, Lang::En) => format!("{count} sheets made"),
            (Flash::NoSheetChosen, Lang::Zh) => "请先勾选外呼单".to_owned(),
            (Flash::NoSheetChosen, Lang::En) => "Tick sheets first".to_owned(),
            (Flash::LinesKeyed { settled, refused: 0 }, Lang::Zh) => format!("已录入 {settled} 行"),
            (Flash::LinesKeyed { settled, refused: 0 }, Lang::En) => format!("{settled} lines are in"),
            (Flash::LinesKeyed { settled, refused }, Lang::Zh) => {
                format!("已录入 {settled} 行；{refused} 行未采纳，纸面内容已保留")
            }
            (Flash::LinesKeyed { settled, refused }, Lang::En) => {
                format!("{settled} lines are in; {refused} were refused, what stood on paper is kept")
            }
            (Flash::NothingKeyed, Lang::Zh) => "没有填写任何一行".to_owned(),
            (Flash::NothingKeyed, Lang::En) => "No line was filled in".to_owned(),
            (Flash::ViewSaved { name }, Lang::Zh) => format!("视图“{name}”已保存"),
            (Flash::ViewSaved { name }, Lang::En) => format!("The view “{name}” is saved"),
            (Flash::ViewDeleted { name }, Lang::Zh) => format!("视图“{name}”已删除"),
            (Flash::ViewDeleted { name }, Lang::En) => format!("The view “{name}” is deleted"),
            (Flash::ViewNeedsName, Lang::Zh) => "请给视图起个名称，最多 30 个字".to_owned(),
            (Flash::ViewNeedsName, Lang::En) => "Give the view a name of at most 30 characters".to_owned(),
            (Flash::NoChangeChosen, Lang::Zh) => "请先勾选记录，再选择修改内容".to_owned(),
            (Flash::NoChangeChosen, Lang::En) => "Tick rows and choose a change first".to_owned(),
            (Flash::ManyChanged { changed, same }, lang) => lists::T(lang).many_changed(*changed, *same),
            (Flash::ManyUndone { restored }, Lang::Zh) => format!("已撤销，恢复了 {restored} 条"),
            (Flash::ManyUndone { restored }, Lang::En) => format!("Taken back; {restored} restored"),
            (Flash::UndoneBefore, Lang::Zh) => "这次修改已经撤销过".to_owned(),
            (Flash::UndoneBefore, Lang::En) => "It was taken back before".to_owned(),
            (Flash::RiskTaken, Lang::Zh) => "已由你处理".to_owned(),
            (Flash::RiskTaken, Lang::En) => "It is yours".to_owned(),
            (Flash::RiskTakenBefore, Lang::Zh) => "别人正在处理，或已结束".to_owned(),
            (Flash::RiskTakenBefore, Lang::En) => "Somebody else has it, or it has ended".to_owned(),
            (Flash::RiskReleased, Lang::Zh) => "已放回，谁都可以处理".to_owned(),
            (Flash::RiskReleased, Lang::En) => "Given back: anyone may take it".to_owned(),
            (Flash::RiskSettled { action }, _) => super::complaint_risks::T(lang).done(*action),
            (Flash::OpinionMarked { is_opinion: true }, Lang::Zh) => "已列入产品质量意见".to_owned(),
            (Flash::OpinionMarked { is_opinion: true }, Lang::En) => "Collected for the car maker".to_owned(),
            (Flash::OpinionMarked { is_opinion: false }, Lang::Zh) => "已从产品质量意见中移除".to_owned(),
            (Flash::OpinionMarked { is_opinion: false }, Lang::En) => "Taken out of the opinions".to_owned(),
            (Flash::ReportIssued, Lang::Zh) => "调查报告已出具，可以打印".to_owned(),
            (Flash::ReportIssued, Lang::En) => "The report is issued; print it".to_owned(),
            (Flash::ExportTooLarge { limit }, Lang::Zh) => {
                format!("一次最多导出 {limit} 条，请先缩小筛选范围")
            }
            (Flash::ExportTooLarge { limit }, Lang::En) => {
                format!("At most {limit} rows at once; narrow the filter first")
            }
        }
    }
}

fn job_ran(t: jobs::T, job: JobName, counts: &[(String, i64)]) -> String {
    let (colon, comma) = match t.0 {
        Lang::Zh => ("：", "，"),
        Lang::En => (": ", ", "),
    };
    let parts = counts.iter().map(|(key, n)| format!("{} {n}", t.count(key)));
    let parts = parts.collect::<Vec<_>>().join(comma);
    let result = if parts.is_empty() { t.nothing() } else { &parts };
    format!("{}{colon}{result}", t.name(job))
}
