//! Shifts, leave, deputies.

use crate::shifts::OffDuty;

messages! {
    title { "班次与请假", "Shifts and leave" }
    person_away(name) { "{name} 今天请假或不当班，没有分配", "{name} is away now: nothing was assigned" }
    leave_entered(name) { "{name} 的请假已登记", "Leave of {name} entered" }
    leave_entered_moved(name, moved) { "{name} 的请假已登记，{moved} 件回访已转交或退回队列", "Leave of {name} entered; calls handed over or back in the queue: {moved}" }
}

labels! { off_duty(OffDuty) {
    Leave { "你今天请假，队列不分配回访", "You are on leave today, so the queue gives you nothing" }
    Shift { "现在不在你的班次内，队列不分配回访", "You are not on shift now, so the queue gives you nothing" }
    Capacity { "你今天的回访量已满", "You have made as many calls today as you are meant to" }
} }
