//! Vehicles.

use crate::vehicles::odometer::{Confidence, DueBy, Refusal};
use crate::vehicles::plate::PlateError;
use crate::vehicles::vin::{VinError, VinWarning};
use crate::vehicles::{PersonRole, PolicyKind, ReadingSource, VehicleState, VehicleUsage};
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
    readings { "里程记录", "Odometer" }
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
    not_known { "未知", "Not known" }
    days_left(days) { "剩 {days} 天", "{days} days left" }
    out_of_warranty { "已过保", "Out of warranty" }
    visits { "进站记录", "Visits" }
    no_visits { "还没有进站记录", "No visits yet" }
    add_visit { "登记进站", "Record a visit" }
    needs_owner_hint { "没有车主或驾驶人，无法安排回访和提醒。", "Without an owner or driver nobody can be called or reminded." }
}

labels! { usage(VehicleUsage) {
    Private { "家用", "Private" }
    Company { "公务", "Company" }
    Taxi { "营运", "Taxi" }
    Demo { "试驾车", "Demonstrator" }
    Stock { "库存车", "Stock" }
} }

labels! { state(VehicleState) {
    Active { "在用", "In use" }
    Sold { "已转让", "Sold" }
    Scrapped { "已报废", "Scrapped" }
    Moved { "已迁往外地", "Moved away" }
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
