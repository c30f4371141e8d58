//! Service visits.

use crate::visits::{VisitState, VisitType};
use crate::web::form::FieldError;

messages! {
    title { "进站记录", "Visits" }
    intro { "交车当日起三日内回访；在店车辆也列在这里。", "Customers are called within three days of the hand-over; cars still in the shop are listed too." }
    new_title { "登记进站", "Record a visit" }
    edit_title(ro) { "编辑 {ro}", "Edit {ro}" }
    search_placeholder { "车牌、VIN 后六位或工单号", "Plate, last six of the VIN, or repair order" }
    none_title { "没有符合条件的进站记录", "No visits match" }
    none { "放宽日期或清除筛选；工单由管理员从系统导出文件导入，也可以从车辆页登记。", "Widen the days or clear the filter. Repair orders are imported by an administrator, or recorded from a car's page." }
    clear_filter { "清除筛选", "Clear the filter" }
    ro_number { "工单号", "Repair order" }
    arrived_at { "进站时间", "Arrived" }
    settled_at { "结算时间", "Settled" }
    settled_hint { "留空则按交车时间", "Left empty: with the hand-over" }
    handed_over_at { "交车时间", "Handed over" }
    handed_over_hint { "留空表示车还在店", "Empty while the car is in the shop" }
    vehicle { "车辆", "Car" }
    customer { "送修人", "Brought by" }
    type_label { "维修类型", "Type" }
    type_text(text) { "原文：{text}", "As imported: {text}" }
    state_label { "状态", "State" }
    odometer { "行驶里程 (km)", "Odometer (km)" }
    amount { "金额（元）", "Amount (CNY)" }
    advisor { "服务顾问", "Advisor" }
    technician { "维修技师", "Technician" }
    unlisted { "不在名单中", "Not in the list" }
    staff_name { "姓名（不在名单中时）", "Name, if not in the list" }
    summary { "维修内容", "Work done" }
    next_km { "下次保养里程 (km)", "Next maintenance at (km)" }
    next_on { "下次保养日期", "Next maintenance on" }
    next { "下次保养", "Next maintenance" }
    who_hint { "回访会打给送修人", "The callback goes to this person" }
    somebody_else { "其他人（填写下方）", "Somebody else (below)" }
    contact_name { "送修人姓名", "Name" }
    contact_phone { "送修人电话", "Phone" }
    basics { "工单", "Repair order" }
    work { "作业与金额", "Work and amount" }
    save_visit { "保存工单", "Save the visit" }
    in_shop { "在店", "In the shop" }
    people { "人员", "People" }
    times { "时间", "Times" }
}

labels! { visit_type(VisitType) {
    Maintenance { "保养", "Maintenance" }
    Repair { "维修", "Repair" }
    Body { "钣喷", "Body and paint" }
    Warranty { "索赔", "Warranty" }
    Rework { "返修", "Rework" }
    Wash { "洗车", "Wash" }
    Pdi { "新车检查", "PDI" }
    Internal { "内部", "Internal" }
    Decoration { "精品装饰", "Accessories" }
} }

labels! { visit_state(VisitState) {
    Open { "在修", "In work" }
    Settled { "已结算", "Settled" }
    Closed { "已交车", "Handed over" }
    Cancelled { "已作废", "Cancelled" }
} }

/// The hand-over lies before the arrival.
pub fn handed_over_too_early() -> FieldError {
    FieldError::Text {
        zh: "交车不能早于进站".to_owned(),
        en: "The hand-over cannot be before the arrival".to_owned(),
    }
}

/// A time that has not come yet.
pub fn not_yet() -> FieldError {
    FieldError::Text {
        zh: "不能晚于现在".to_owned(),
        en: "Not later than now".to_owned(),
    }
}
