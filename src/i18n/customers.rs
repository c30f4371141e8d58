//! Customers and search.

use super::Lang;
use crate::customers::phone::{PhoneError, PhoneKind};
use crate::customers::search::Reason;
use crate::customers::{ContactChannel, CustomerKind, PhoneState};
use crate::web::form::FieldError;

messages! {
    title { "客户档案", "Customers" }
    intro { "姓名、拼音、首字母、手机后四位、车牌、VIN 后六位、工单号都可以搜索。", "Search by name, pinyin, initials, last four of a phone, plate, last six of a VIN, or repair order." }
    search_placeholder { "姓名、车牌、手机尾号、工单号", "Name, plate, phone tail, repair order" }
    results(query, count) { "“{query}” 找到 {count} 位", "“{query}”: {count} found" }
    first_results(count) { "只列出前 {count} 位，请输入更多内容缩小范围。", "Only the first {count} are listed; type more to narrow it down." }
    clear_search { "清除搜索", "Clear the search" }
    none_found_title { "没有找到客户", "Nobody found" }
    none_found { "换一种写法，或输入手机后四位、车牌、VIN 后六位再试。", "Try another spelling, or the last four of the phone, the plate, the last six of the VIN." }
    none_yet_title { "还没有客户", "No customers yet" }
    none_yet { "由管理员导入客户名册，或在这里新建。", "An administrator imports the roster, or create one here." }
    new_title { "新建客户", "New customer" }
    edit_title(name) { "编辑 {name}", "Edit {name}" }
    customer { "客户", "Customer" }
    phone { "手机", "Phone" }
    cars { "车辆", "Cars" }
    last_visit { "上次进站", "Last visit" }
    found_by { "匹配", "Found by" }
    basics { "基本资料", "Basics" }
    number(id) { "编号 {id}", "No. {id}" }
    kind { "类型", "Kind" }
    name { "姓名或单位名称", "Name of the person or company" }
    salutation { "称呼", "Form of address" }
    mr { "先生", "Mr" }
    ms { "女士", "Ms" }
    grade { "客户级别", "Grade" }
    grade_badge(grade) { "{grade} 类客户", "Grade {grade}" }
    note { "备注", "Note" }
    updated { "更新", "Changed" }
    phone_main { "电话", "Phone" }
    phone_second { "备用电话", "Second phone" }
    phone_third { "第三电话", "Third phone" }
    phone_hint { "手机或座机，座机可不写区号", "Mobile or landline; the area code may be left out" }
    phones { "电话", "Phones" }
    add_phone { "添加号码", "Add a number" }
    new_number { "改为新号码", "Replace with" }
    new_number_hint { "留空则号码不变", "Leave empty to keep the number" }
    main_number { "主要号码", "Main number" }
    phone_state_label { "状态", "State" }
    preferences { "联系偏好", "Contact preferences" }
    preferred_channel { "首选方式", "Preferred way" }
    survey_opt_out { "不接受回访调查", "No satisfaction surveys" }
    surveys_allowed { "接受回访调查", "Surveys are fine" }
    first_car { "车辆（可稍后添加）", "Car (may be added later)" }
    same_phone { "这个号码已有客户使用：", "Somebody already has this number:" }
    create_anyway { "仍然新建，是另一位客户", "Create anyway, it is another customer" }
    save_customer { "保存客户", "Save the customer" }
    next_thing { "下一件事", "Next" }
    nothing_due { "没有待办", "Nothing due" }
    car_count { "车辆", "Cars" }
    cars_unit { "辆", "cars" }
    in_warranty(count) { "在保 {count}", "{count} in warranty" }
    visit_count { "累计进站", "Visits" }
    visits_unit { "次", "visits" }
    last_on(day) { "上次 {day}", "Last on {day}" }
    never { "从未进站", "Never came" }
    spent { "累计消费", "Spent" }
    spent_year(amount) { "近 12 个月 {amount}", "{amount} in 12 months" }
    timeline { "时间线", "Timeline" }
    timeline_empty_title { "还没有往来", "Nothing has happened yet" }
    timeline_empty { "进站、回访和抱怨会按时间列在这里。", "Visits, calls and complaints will be listed here." }
    show_older { "显示更早的记录", "Show older entries" }
    visit_entry(ro) { "进站 {ro}", "Visit {ro}" }
    call_entry { "回访", "Call" }
    complaint_entry(number) { "抱怨 {number}", "Complaint {number}" }
    complaint_open { "处理中", "Open" }
    complaint_closed { "已关闭", "Closed" }
    open_work { "待办", "To do" }
    advisor(name) { "顾问 {name}", "Advisor {name}" }
    score(score) { "{score} 分", "{score} points" }
    talked(minutes) { "通话 {minutes}", "talked {minutes}" }
    add_car { "添加车辆", "Add a car" }
    add_visit { "登记进站", "Record a visit" }
    call { "呼叫", "Call" }
    no_cars { "还没有车辆", "No cars yet" }
    policies { "保单", "Policies" }
    policy_car { "车辆", "Car" }
    expires { "到期", "Ends" }
    premium { "保费", "Premium" }
    in_force { "生效中", "In force" }
    expired { "已到期", "Expired" }
    ends_in(days) { "{days} 天后到期", "{days} days left" }
    visits { "进站记录", "Visits" }
    revealed_note { "号码已显示，此次查看已记录。", "The number is shown; this is on record." }
    main { "主要", "Main" }
    merged { "此档案已合并到另一位客户。", "This record was merged into another customer." }
    erased { "已按要求删除个人信息", "Personal data erased on request" }
    company_hint { "单位客户请把驾驶人另建为客户，回访会打给驾驶人。", "For a company, create its drivers as customers; calls go to them." }
}

labels! { customer_kind(CustomerKind) {
    Person { "个人", "Person" }
    Company { "单位", "Company" }
} }

labels! { phone_state(PhoneState) {
    Ok { "可用", "Works" }
    Unverified { "未核实", "Not verified" }
    Wrong { "错号", "Wrong person" }
    Dead { "空号", "Out of service" }
    DoNotCall { "请勿拨打", "Do not call" }
} }

labels! { phone_kind(PhoneKind) {
    Mobile { "手机", "Mobile" }
    Landline { "座机", "Landline" }
    Foreign { "境外", "Abroad" }
    Other { "企业热线", "Company line" }
} }

labels! { channel(ContactChannel) {
    Call { "电话", "Call" }
    Sms { "短信", "SMS" }
    Wechat { "微信", "WeChat" }
} }

labels! { reason(Reason) {
    Name { "姓名", "Name" }
    Pinyin { "拼音", "Pinyin" }
    Phone { "电话", "Phone" }
    Plate { "车牌", "Plate" }
    FormerPlate { "曾用车牌", "Former plate" }
    Vin { "VIN", "VIN" }
    RepairOrder { "工单号", "Repair order" }
    Policy { "保单号", "Policy" }
    CustomerNumber { "客户编号", "Customer no." }
    Recent { "最近联系", "Recent" }
} }

impl T {
    /// A name with its form of address, in the order of the language.
    pub fn addressed(self, name: &str, salutation: Option<&str>) -> String {
        match (salutation, self.0) {
            (None | Some(""), _) => name.to_owned(),
            (Some(salutation), Lang::Zh) => format!("{name} {salutation}"),
            (Some("先生"), Lang::En) => format!("Mr {name}"),
            (Some("女士"), Lang::En) => format!("Ms {name}"),
            (Some(salutation), Lang::En) => format!("{name} {salutation}"),
        }
    }
}

/// Why a text is no phone number, at the field.
pub fn phone_error(error: PhoneError) -> FieldError {
    let (zh, en) = match error {
        PhoneError::Empty => return FieldError::Required,
        PhoneError::WrongLength { digits } => (
            format!("手机号应为 11 位，当前 {digits} 位"),
            format!("A mobile has 11 digits, not {digits}"),
        ),
        PhoneError::ScientificNotation => (
            "号码被表格改成了科学计数，请填原号码".to_owned(),
            "A spreadsheet has cut this number; type the original".to_owned(),
        ),
        PhoneError::NotANumber => (
            "只能有数字、空格和短横线".to_owned(),
            "Digits, spaces and hyphens only".to_owned(),
        ),
        PhoneError::SeveralNumbers => (
            "一栏只填一个号码".to_owned(),
            "One number in one field".to_owned(),
        ),
        PhoneError::NotAPrefix => (
            "没有这样的号段，请核对前三位".to_owned(),
            "No number begins like this; check the first three digits".to_owned(),
        ),
        PhoneError::NoAreaCode => (
            "座机请加区号，例如 0571-88886666".to_owned(),
            "Put the area code before a landline, such as 0571-88886666".to_owned(),
        ),
        PhoneError::ServiceNumber => (
            "这是服务号码，不是客户电话".to_owned(),
            "This is a service number, not a customer's".to_owned(),
        ),
        PhoneError::Iot => (
            "这是物联网号码，不是客户电话".to_owned(),
            "This is a machine's number, not a customer's".to_owned(),
        ),
    };
    FieldError::Text { zh, en }
}
