//! Service visits.

use crate::obligations::ObligationStatus;
use crate::visits::{Assembly, ItemKind, VisitState, VisitType};
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
    promised_at { "预计交车", "Promised" }
    promised_hint { "告诉客户的时间", "As told to the customer" }
    waiting_since { "待件开始", "Waiting for parts since" }
    waiting_until { "待件结束", "Waiting until" }
    waits_for_special { "特殊零部件或动力电池运输（不计入三包天数）", "Special parts or traction battery on the way (not counted by law)" }
    symptom { "故障描述", "Symptom" }
    symptom_hint { "用客户的原话；30 日内同一描述会标为返修", "In the customer's words; the same again within 30 days is rework" }
    is_safety { "严重安全性能故障", "Severe safety fault" }
    assembly_label { "更换总成", "Assembly replaced" }
    no_assembly { "没有", "None" }
    items { "项目明细", "Items" }
    items_hint { "留空则按维修内容拆分；保存后可在工单页查看。", "Left empty they are cut from the work done." }
    item_row(number) { "第 {number} 行", "Row {number}" }
    item_kind_label { "类别", "Kind" }
    item_code { "编号", "Code" }
    item_name { "名称", "Name" }
    item_quantity { "数量", "Quantity" }
    item_amount { "金额（元）", "Amount (CNY)" }
    more_rows { "更多行", "More rows" }
    no_items { "没有项目明细", "No items" }
    derived { "按维修内容拆分", "Cut from the work done" }
    unequal(total, amount) { "项目合计 {total}，与工单金额 {amount} 不符，请核对。", "The items add up to {total}, not to {amount}: please check." }
    rework_of(ro) { "返修：30 日内与 {ro} 症状或项目相同", "Rework: same symptom or item as {ro} within 30 days" }
    reworked_by(ro) { "之后又因相同问题进站：{ro}", "Came again for the same: {ro}" }
    late { "晚于预计", "Later than promised" }
    stay(time) { "在店 {time}", "{time} in the shop" }
    waited { "待件", "Waited for parts" }
    waiting_still { "仍在等待", "still waiting" }
    next_steps { "后续", "Next steps" }
    no_steps { "交车后生成三日内回访。", "The callback arises with the hand-over." }
    open_callback { "打开回访", "Open the callback" }
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

labels! { item_kind(ItemKind) {
    Labour { "工时", "Labour" }
    Part { "配件", "Part" }
} }

labels! { assembly(Assembly) {
    Engine { "发动机", "Engine" }
    Gearbox { "变速器", "Gearbox" }
    Battery { "动力电池", "Traction battery" }
    Motor { "驱动电机", "Drive motor" }
} }

labels! { step(ObligationStatus) {
    Open { "待完成", "Open" }
    Done { "已完成", "Done" }
    Exhausted { "尽责未达", "Not reached" }
    Exempt { "豁免", "Exempt" }
    Cancelled { "取消", "Cancelled" }
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

/// Waiting for parts cannot begin before the car is there.
pub fn waiting_before_arrival() -> FieldError {
    FieldError::Text {
        zh: "待件不能早于进站".to_owned(),
        en: "Waiting cannot begin before the arrival".to_owned(),
    }
}

/// Waiting ends after it began.
pub fn waiting_ends_too_early() -> FieldError {
    FieldError::Text {
        zh: "结束不能早于开始".to_owned(),
        en: "The end cannot be before the beginning".to_owned(),
    }
}
