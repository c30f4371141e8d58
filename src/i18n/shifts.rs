//! Shifts, leave, deputies.

use crate::shifts::OffDuty;

messages! {
    title { "班次与请假", "Shifts and leave" }
    meta { "一周没有排班的人按营业时间当班；排了班，其余时间不分配回访。", "Without a shift in a week a person works the opening hours; with one, only the shifts count." }
    week_before { "上一周", "Week before" }
    week_after { "下一周", "Week after" }
    copy { "沿用上周", "Copy last week" }
    copied(shifts) { "已沿用上周的班次：{shifts} 段", "Shifts taken over from last week: {shifts}" }
    person { "人员", "Person" }
    choose_person { "选择人员", "Choose a person" }
    hours { "可拨打", "For calls" }
    capacity { "每日上限", "A day" }
    a_day(count) { "{count} 位", "{count}" }
    unlimited { "不限", "No limit" }
    on_duty { "当班", "On duty" }
    people(count) { "{count} 人", "{count}" }
    minutes(hours) { "可拨打 {hours}", "{hours} for calls" }
    on_leave { "请假", "Leave" }
    free { "休", "Free" }
    opening_hours { "营业时间", "Opening hours" }
    closed { "闭店", "Closed" }
    edit(name) { "{name} 的班次", "Shifts of {name}" }
    edit_hint { "每格可写几段，例如 09:00-12:00 13:30-20:00；空白为休息；七天都空白则按营业时间。24:00 表示当天结束。", "Several intervals fit in a field: 09:00-12:00 13:30-20:00. Empty is free; a week left empty goes by the opening hours. 24:00 is the end of the day." }
    capacity_label { "每天最多回访客户数", "Customers to call in a day, at most" }
    capacity_hint { "空白表示不限；达到后“拨打下一个”不再分配", "Empty for no limit; then the queue gives no more" }
    leave { "请假", "Leave" }
    no_leave { "没有登记请假。", "No leave is entered." }
    stands_in(name) { "代班：{name}", "{name} stands in" }
    back_to_queue { "工作退回队列", "Work goes back to the queue" }
    cancel { "取消", "Cancel" }
    cancel_of(name) { "取消 {name} 的请假", "Cancel the leave of {name}" }
    deputy { "代班人", "Deputy" }
    no_deputy { "无，退回队列", "Nobody: back to the queue" }
    deputy_hint { "代班人接手未完成的回访；服务过该客户的除外", "Takes over open calls, except those of customers the deputy has served" }
    reason { "事由", "Reason" }
    enter_leave { "登记请假", "Enter leave" }
    person_away(name) { "{name} 现在请假或不当班，没有分配", "{name} is away now: nothing was assigned" }
    leave_entered(name) { "{name} 的请假已登记", "Leave of {name} entered" }
    leave_entered_moved(name, moved) { "{name} 的请假已登记，{moved} 件回访已转交或退回队列", "Leave of {name} entered; calls handed over or back in the queue: {moved}" }
}

labels! { off_duty(OffDuty) {
    Leave { "你今天请假，队列不分配回访", "You are on leave today, so the queue gives you nothing" }
    Shift { "现在不在你的班次内，队列不分配回访", "You are not on shift now, so the queue gives you nothing" }
    Capacity { "你今天的回访量已满", "You have made as many calls today as you are meant to" }
} }
