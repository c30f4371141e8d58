//! Vehicles.

use crate::vehicles::lifecycle::Lifecycle;
use crate::vehicles::odometer::{Confidence, DueBy, Refusal};
use crate::vehicles::plate::PlateError;
use crate::vehicles::vin::{VinError, VinWarning};
use crate::vehicles::warranty_watch::CounterKind;
use crate::vehicles::{
    PersonRole, PolicyKind, ReadingSource, VehicleState, VehicleUsage, WarrantyKind,
};
use crate::web::form::FieldError;

messages! {
    new_title { "添加车辆", "Add a car" }
    edit_title(name) { "编辑 {name}", "Edit {name}" }
    car { "车辆", "Car" }
    nameless { "未填车型", "Model unknown" }
    no_plate { "未上牌", "No plate" }
    plate { "车牌", "Plate" }
    vin { "VIN", "VIN" }
    keep_hint(now) { "当前 {now}，留空则不变", "Now {now}; leave empty to keep it" }
    brand { "品牌", "Brand" }
    model { "车型", "Model" }
    usage_label { "用途", "Use" }
    state_label { "状态", "State" }
    sold_here { "本店售出", "Sold by this store" }
    delivered_on { "购车日期", "Delivered on" }
    warranty_ends_on { "质保到期", "Warranty until" }
    warranty_km { "质保里程", "Warranty distance" }
    note { "备注", "Note" }
    role_label { "与车辆的关系", "Relation to the car" }
    vin_anyway { "VIN 与行驶证一致，照此保存", "The VIN is as on the licence, save it so" }
    plate_anyway { "车牌确实在这辆车上", "The plate really is on this car" }
    same_plate { "这个车牌在另一辆车的档案里：", "Another car has this plate:" }
    same_vin { "这个 VIN 已有档案：", "This VIN is already on file:" }
    open_car { "打开该车", "Open that car" }
    save_car { "保存车辆", "Save the car" }
    identity { "车辆资料", "The car" }
    people { "相关人员", "People" }
    person_label { "手机号或客户编号", "Phone or customer number" }
    person_hint { "客户须已在档案中", "The customer must be on file" }
    add_person { "添加人员", "Add a person" }
    end_role { "结束关系", "End" }
    since(day) { "{day} 起", "since {day}" }
    until(day) { "至 {day}", "until {day}" }
    no_people { "还没有登记相关人员", "Nobody is noted yet" }
    no_readings { "还没有里程记录", "No readings yet" }
    km { "里程", "Distance" }
    read_on { "日期", "Day" }
    add_reading { "记录里程", "Add a reading" }
    refused_hint { "标红的读数不合常理，保留但不参与计算。", "Readings in red are implausible: kept, but not used." }
    facts { "推算", "Predictions" }
    daily_km { "日均里程", "Distance a day" }
    km_a_day(km) { "{km} km/天", "{km} km a day" }
    first_due { "首保到期", "First maintenance due" }
    next_due { "下次保养", "Next maintenance" }
    warranty_due { "质保结束", "Warranty ends" }
    about(day) { "约 {day}", "about {day}" }
    days_past(days) { "已过 {days} 天", "{days} days past" }
    not_known { "未知", "Not known" }
    days_left(days) { "剩 {days} 天", "{days} days left" }
    out_of_warranty { "已过保", "Out of warranty" }
    visits { "进站记录", "Visits" }
    add_visit { "登记进站", "Record a visit" }
    extended_warranty_ends_on { "延保到期", "Extended warranty until" }
    extended_warranty_km { "延保里程", "Extended warranty distance" }
    warranty_kind_label { "质保类型", "Kind of warranty" }
    first_maintenance_due_on { "首保到期日", "First maintenance by" }
    first_maintenance_hint { "留空则按购车日期和里程推算", "Left empty: predicted from delivery and distance" }
    extended_hint { "在延保内的车，到延保结束前才提醒", "Calls about the end wait for this day" }
    car_section { "车辆", "The car" }
    warranty_section { "购车与质保", "Delivery and warranty" }
    owner(name) { "车主 {name}", "Owner {name}" }
    odometer { "里程", "Odometer" }
    read(day) { "{day} 读数", "read {day}" }
    visit_count { "累计进站", "Visits" }
    visits_unit { "次", "visits" }
    reworks(count) { "其中返修 {count}", "{count} of them rework" }
    spent { "累计消费", "Spent" }
    warranty { "质保", "Warranty" }
    warranty_until(day) { "至 {day}", "until {day}" }
    lifetime { "终身质保", "For life" }
    lifecycle_label { "生命周期", "Lifecycle" }
    away(days) { "{days} 天未进站", "{days} days away" }
    never_came { "尚未进站", "Never came" }
    why_time(months, day) { "按时间：{day} 保养后 {months} 个月", "By time: {months} months after {day}" }
    why_km(target, km, day, daily) { "按里程：{day} 为 {km}，日均 {daily} km，到 {target}", "By distance: {km} on {day}, {daily} km a day, to {target}" }
    why_first(months, km) { "交车后 {months} 个月或 {km}，先到为准", "{months} months or {km} after delivery, whichever is first" }
    why_said { "按名册或人工填写", "As the roster or a person says" }
    why_warranty_day { "按厂家质保日期", "By the maker's date" }
    why_extended_day { "按延保日期", "By the date of the extended warranty" }
    why_warranty_km(km, daily) { "按里程：日均 {daily} km，到 {km}", "By distance: {daily} km a day, to {km}" }
    plates { "车牌记录", "Plates" }
    current_plate { "现用", "Now" }
    former_plate { "曾用车牌", "Former plate" }
    between(from, until) { "{from} 至 {until}", "{from} to {until}" }
    former_people { "曾经的相关人员", "Earlier people" }
    timeline { "时间线", "Timeline" }
    timeline_empty_title { "还没有记录", "Nothing has happened yet" }
    timeline_empty { "进站、里程、车牌、车主、回访、抱怨和保单会按时间列在这里。", "Visits, readings, plates, owners, calls, complaints and policies will be listed here." }
    older { "更早的记录", "Older" }
    newer { "较新的记录", "Newer" }
    visit_entry(ro) { "进站 {ro}", "Visit {ro}" }
    reading_entry { "里程读数", "Odometer read" }
    plate_entry(plate) { "换牌为 {plate}", "New plate {plate}" }
    was_plate(plate) { "原车牌 {plate}", "before {plate}" }
    owner_entry(name) { "{name} 成为车主", "{name} became the owner" }
    owner_left_entry(name) { "{name} 不再是车主", "{name} is no longer the owner" }
    call_entry(result) { "回访 {result}", "Call: {result}" }
    complaint_entry(number) { "抱怨 {number}", "Complaint {number}" }
    policy_entry(insurer) { "保单 {insurer}", "Policy {insurer}" }
    reminder_entry { "保养提醒", "Reminder" }
    rework { "返修", "Rework" }
    dissatisfied { "不满意", "Dissatisfied" }
    watch { "三包", "Statutory warranty" }
    repair_term(day, km) { "包修期至 {day} 或 {km}", "Repair until {day} or {km}" }
    swap_term(day, km) { "三包有效期至 {day} 或 {km}", "Exchange and refund until {day} or {km}" }
    term_over { "已过期", "Over" }
    term_runs { "有效", "Running" }
    early_term(day) { "60 日 / 3,000 km 内（至 {day}）：主要零件故障可免费更换总成，转向、制动、车身、燃油等严重故障可退换车", "Within 60 days and 3,000 km (to {day}): whole assemblies are replaced free, grave faults mean exchange or refund" }
    watch_near { "接近三包退换条件，请通知服务经理", "Near a threshold of exchange or refund: tell the service manager" }
    watch_reached { "已达到三包退换或补偿条件，请立即通知服务经理；收到退换要求须在 10 个工作日内答复", "A threshold is reached: tell the service manager now; a demand must be answered within 10 working days" }
    not_covered { "不适用三包", "Not covered" }
    not_covered_usage(usage) { "用途为{usage}，三包只保护家庭消费用车", "Use: {usage}; only cars for private consumption are covered" }
    not_covered_company { "首任车主是单位", "First bought by a company" }
    not_covered_unknown { "没有购车日期，无法计算三包期", "Delivery unknown: the terms cannot be computed" }
    of_limit(count, limit) { "{count} / {limit}", "{count} of {limit}" }
    counter_note { "只计三包期内的索赔、返修和安全类维修；满 24 小时计 1 日，不足部分计 1 日", "Warranty work, rework and safety repairs within the term; each begun 24 hours are a day" }
    all_readings { "最近的里程读数", "Latest readings" }
    needs_owner_hint { "没有车主或驾驶人，无法安排回访和提醒。", "Without an owner or driver nobody can be called or reminded." }
}

labels! { usage(VehicleUsage) {
    Private { "家用", "Private" }
    Company { "公务", "Company" }
    Taxi { "出租车", "Taxi" }
    Commercial { "其他营运", "Other commercial use" }
    Demo { "试驾车", "Demonstrator" }
    Stock { "库存车", "Stock" }
} }

labels! { state(VehicleState) {
    Active { "在用", "In use" }
    Sold { "已转让", "Sold" }
    Scrapped { "已报废", "Scrapped" }
    Moved { "已迁往外地", "Moved away" }
} }

labels! { warranty_kind(WarrantyKind) {
    Maker { "厂家质保", "Maker's warranty" }
    Lifetime { "终身质保（首任车主）", "For life (first owner)" }
} }

labels! { lifecycle(Lifecycle) {
    New { "新车", "New" }
    FirstOverdue { "首保逾期", "First maintenance overdue" }
    Active { "活跃", "Active" }
    Fading { "预警", "Fading" }
    AtRisk { "高危", "At risk" }
    Lost { "流失", "Lost" }
    LongLost { "深度流失", "Long lost" }
    Gone { "自然流失", "Gone" }
    Unknown { "未进站", "Not seen yet" }
} }

labels! { counter(CounterKind) {
    RepairDays { "累计修理天数", "Days in repair" }
    SameFault { "同一故障修理次数", "Repairs of one fault" }
    Safety { "严重安全故障修理次数", "Severe safety repairs" }
    Assembly { "更换总成次数", "Assemblies replaced" }
    SamePart { "同一零件更换次数", "Same part replaced" }
    SingleRepair { "单次修理天数", "Days of one repair" }
} }

labels! { counter_law(CounterKind) {
    RepairDays { "超过 30 日可退换车（第 24 条）", "Over 30 days: exchange or refund (Art. 24)" }
    SameFault { "超过 4 次可退换车（第 24 条）", "Over 4: exchange or refund (Art. 24)" }
    Safety { "2 次未排除可退换车（第 24 条）", "2 without success: exchange or refund (Art. 24)" }
    Assembly { "发动机、变速器、动力电池、驱动电机 2 次可退换车（第 24 条）", "2 of engine, gearbox, battery, motor: exchange or refund (Art. 24)" }
    SamePart { "同一主要零件 2 次可退换车（第 24 条）", "2 of one main part: exchange or refund (Art. 24)" }
    SingleRepair { "超过 5 日从第 6 日起提供备用车或交通费（第 21 条）", "Over 5 days: loaner or money from day 6 (Art. 21)" }
} }

labels! { role(PersonRole) {
    Owner { "车主", "Owner" }
    Driver { "驾驶人", "Driver" }
    Insured { "被保险人", "Insured" }
    Payer { "付款人", "Payer" }
    Contact { "联系人", "Contact" }
} }

labels! { reading_source(ReadingSource) {
    Visit { "进站", "Visit" }
    Phone { "电话", "Phone" }
    Import { "导入", "Import" }
    Hand { "手工", "By hand" }
} }

labels! { refusal(Refusal) {
    RollBack { "比之前少", "Less than before" }
    TooFast { "增长过快", "Too far in the time" }
    Future { "日期未到", "In the future" }
    Typo { "疑似多写或少写一位", "Probably a digit too many or too few" }
} }

labels! { confidence(Confidence) {
    None { "按车型默认", "Default of the model" }
    Low { "按车龄估算", "From the age of the car" }
    Good { "按两次读数", "From two readings" }
} }

labels! { due_by(DueBy) {
    Time { "按时间", "by time" }
    Km { "按里程", "by distance" }
} }

labels! { policy(PolicyKind) {
    Compulsory { "交强险", "Compulsory" }
    Commercial { "商业险", "Commercial" }
} }

/// Why a text is no plate, at the field.
pub fn plate_error(error: PlateError) -> FieldError {
    let (zh, en) = match error {
        PlateError::Empty => return FieldError::Required,
        PlateError::NotRegistered => (
            "未上牌或临牌请留空".to_owned(),
            "Leave it empty while the car has no plate".to_owned(),
        ),
        PlateError::Province(found) => (
            format!("“{found}”不是省份简称"),
            format!("“{found}” is no province"),
        ),
        PlateError::Length { found } => (
            format!("车牌应为 7 位，新能源 8 位，当前 {found} 位"),
            format!("A plate has 7 characters, 8 of a new-energy car, not {found}"),
        ),
        PlateError::Character { found, position } => (
            format!("第 {position} 位不能是“{found}”"),
            format!("“{found}” cannot stand at position {position}"),
        ),
        PlateError::NewEnergy => (
            "8 位车牌须为新能源格式".to_owned(),
            "Eight characters must have the form of a new-energy plate".to_owned(),
        ),
    };
    FieldError::Text { zh, en }
}

/// Why a text is no VIN, at the field.
pub fn vin_error(error: &VinError) -> FieldError {
    let (zh, en) = match error {
        VinError::Empty => return FieldError::Required,
        VinError::Length { found } => (
            format!("VIN 应为 17 位，当前 {found} 位"),
            format!("A VIN has 17 characters, not {found}"),
        ),
        VinError::Character {
            found,
            position,
            offer: Some(offer),
        } => (
            format!("第 {position} 位不能是“{found}”，是否为 {}", offer.as_str()),
            format!("“{found}” cannot stand at {position}; is it {}?", offer.as_str()),
        ),
        VinError::Character {
            found,
            position,
            offer: None,
        } => (
            format!("第 {position} 位不能是“{found}”"),
            format!("“{found}” cannot stand at position {position}"),
        ),
    };
    FieldError::Text { zh, en }
}

/// The check digit does not fit; the person may insist.
pub fn vin_warning(warning: VinWarning) -> FieldError {
    let VinWarning { expected, found } = warning;
    FieldError::Text {
        zh: format!("第 9 位校验应为 {expected}，当前 {found}；核对行驶证，确认无误请勾选下方"),
        en: format!("The check digit at 9 should be {expected}, not {found}; compare with the licence or tick below"),
    }
}

/// No customer has this number.
pub fn nobody() -> FieldError {
    FieldError::Text {
        zh: "档案中没有这个号码的客户".to_owned(),
        en: "No customer has this number".to_owned(),
    }
}

/// Several customers share this phone.
pub fn several() -> FieldError {
    FieldError::Text {
        zh: "多位客户共用这个号码，请填客户编号".to_owned(),
        en: "Several customers share this phone; use the customer number".to_owned(),
    }
}
