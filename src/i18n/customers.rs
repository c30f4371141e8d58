//! Customers and search.

use super::Lang;
use crate::customers::completeness::Field;
use crate::customers::consents::{Basis, ConsentChannel, Purpose};
use crate::customers::model::{Birthday, ChurnRisk};
use crate::customers::page::timeline::EntryKind;
use crate::customers::phone::{PhoneError, PhoneKind};
use crate::customers::search::Reason;
use crate::customers::tags::model::{SystemTag, Tag};
use crate::customers::{
    ContactChannel, CustomerKind, CustomerSource, Daypart, PhoneState, PreferredDays,
};
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
    first_car { "车辆（可稍后添加）", "Car (may be added later)" }
    same_phone { "这个号码已有客户使用：", "Somebody already has this number:" }
    create_anyway { "仍然新建，是另一位客户", "Create anyway, it is another customer" }
    save_customer { "保存客户", "Save the customer" }
    next_thing { "下一件事", "Next" }
    nothing_due { "没有待办", "Nothing due" }
    car_count { "车辆", "Cars" }
    cars_unit { "辆", "cars" }
    in_warranty(count) { "在保 {count}", "{count} in warranty" }
    former_cars(count) { "已过户 {count}", "{count} former" }
    visited_days_ago(days) { "上次 {days} 天前", "Last {days} days ago" }
    visited_today { "今天进站", "Here today" }
    since_visit(days) { "距上次进站 {days} 天", "{days} days since the last visit" }
    satisfaction { "满意度", "Satisfaction" }
    points { "分", "points" }
    ratings(count) { "{count} 次评分", "{count} ratings" }
    no_ratings { "暂无评分", "No ratings yet" }
    churn_risk { "流失风险", "Churn risk" }
    spent_year_short(amount) { "近 12 个月 {amount}", "{amount} in 12 months" }
    since(year) { "{year} 年起", "since {year}" }
    kept_by(name) { "负责专员 {name}", "Kept by {name}" }
    belongs_to { "所属单位", "Company" }
    keeper { "负责专员", "Keeper" }
    no_keeper { "未指定", "Nobody" }
    parent_label { "所属单位（客户编号）", "Company (customer number)" }
    parent_hint { "单位客户的编号，个人联系人可填", "Number of a company on file, for its contact persons" }
    birthday { "生日", "Birthday" }
    birth_year { "出生年（可不填）", "Year of birth (optional)" }
    birth_month { "生日（月）", "Month of birth" }
    birth_day { "生日（日）", "Day of birth" }
    district { "所在地区", "District" }
    district_hint { "省市区，如 杭州市滨江区", "Down to the district" }
    address { "详细地址", "Street and house" }
    address_keep { "已登记，留空则不变", "On file; leave empty to keep it" }
    address_label { "地址", "Address" }
    source_label { "来源", "Source" }
    source_note { "来源说明", "About the source" }
    habits { "消费习惯", "Habits" }
    habits_hint { "如 只做原厂保养，周末到店", "What the customer usually buys and when" }
    preferred_days_label { "方便的日子", "Days" }
    preferred_daypart_label { "方便的时段", "Time of day" }
    any_time { "不限时段", "Any time" }
    this_week { "本周已更新", "Updated this week" }
    completeness { "档案完整度", "Completeness" }
    complete { "档案完整", "Complete" }
    missing { "缺少", "Missing" }
    score_meter(score) { "完整度 {score}%", "{score}% complete" }
    tags { "标签", "Tags" }
    edit_tags { "编辑标签", "Edit tags" }
    no_tags { "还没有标签", "No tags yet" }
    new_tag { "新标签", "New tag" }
    consents { "联系许可", "Consents" }
    consent_history { "记录", "History" }
    consent_title(name) { "{name} 的联系许可", "Consents of {name}" }
    consent_unknown { "未确认", "Not asked" }
    consent_yes { "同意", "Agrees" }
    consent_no { "拒绝", "Refuses" }
    consent_given { "已同意", "Agreed" }
    consent_withdrawn { "已撤回", "Withdrawn" }
    consent_give(purpose) { "记录同意：{purpose}", "Record consent: {purpose}" }
    consent_withdraw(purpose) { "记录撤回：{purpose}", "Record refusal: {purpose}" }
    signed_on(day, text) { "最近一次 {day} · 个人信息处理告知书 {text}", "Last on {day} · notice {text}" }
    purpose_label { "用途", "Purpose" }
    decision_label { "客户的决定", "Decision" }
    channel_label { "表达方式", "How it was said" }
    evidence { "凭据或说明", "Evidence or note" }
    evidence_hint { "如 纸质告知书 2026-031 号，或客户原话", "Number of the paper, or what was said" }
    basis_label { "依据", "Basis" }
    recorded_by { "记录人", "By" }
    when { "时间", "When" }
    add_consent { "记录一次决定", "Record a decision" }
    consents_none { "还没有记录", "Nothing recorded yet" }
    consents_note { "每次同意或撤回各记一行，不修改、不删除；最后一行有效。", "Every yes and every no is a row of its own, never changed or deleted; the last one holds." }
    sms_opt_out { "不收短信", "No SMS" }
    contact_data { "联系与地址", "Contact and address" }
    about_customer { "客户情况", "About the customer" }
    visit_count { "累计进站", "Visits" }
    visits_unit { "次", "visits" }
    never { "从未进站", "Never came" }
    spent { "累计消费", "Spent" }
    timeline { "时间线", "Timeline" }
    timeline_empty_title { "还没有往来", "Nothing has happened yet" }
    timeline_empty { "进站、回访、短信、抱怨和保单会按时间列在这里。", "Visits, calls, messages, complaints and policies will be listed here." }
    all_entries { "时间线", "Timeline" }
    older(count) { "更早的 {count} 条", "{count} older" }
    newer { "较新的", "Newer" }
    source_ro(ro) { "由 {ro} 生成", "from {ro}" }
    last_try(when, result) { "{when} 拨打，{result}。", "Called {when}: {result}." }
    message_entry { "提醒", "Reminder" }
    policy_began(what) { "保单生效 {what}", "Policy began: {what}" }
    policy_renewed(what) { "续保 {what}", "Renewed: {what}" }
    policy_ended(what) { "保单到期 {what}", "Policy ended: {what}" }
    policy_term(from, until) { "{from} 至 {until}", "{from} to {until}" }
    consent_entry_given(purpose) { "同意 {purpose}", "Agreed: {purpose}" }
    consent_entry_withdrawn(purpose) { "撤回 {purpose}", "Withdrew: {purpose}" }
    visit_entry(ro) { "进站 {ro}", "Visit {ro}" }
    call_entry { "回访", "Call" }
    answer_entry { "问卷答复", "Answered the questionnaire" }
    appointment_entry { "预约到店", "Wish for a visit" }
    complaint_entry(number) { "抱怨 {number}", "Complaint {number}" }
    complaint_open { "处理中", "Open" }
    complaint_closed { "已关闭", "Closed" }
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
    Dead { "空号/停机", "Out of service" }
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

labels! { preferred_days(PreferredDays) {
    Any { "不限", "Any day" }
    Workday { "工作日", "Working days" }
    Weekend { "周末", "Weekends" }
} }

labels! { daypart(Daypart) {
    Morning { "上午 9–12 点", "9–12" }
    Afternoon { "下午 13:30–17:30", "13:30–17:30" }
    Evening { "傍晚 17:30–20 点", "17:30–20" }
} }

labels! { source(CustomerSource) {
    Sale { "本店购车", "Bought here" }
    WalkIn { "自行到店", "Walked in" }
    Referral { "转介绍", "Referral" }
    Hotline { "来电", "Called" }
    Online { "网络", "Online" }
    Activity { "活动", "Event" }
    Maker { "厂家下发", "From the maker" }
    Import { "名册导入", "Imported" }
    Other { "其他", "Other" }
} }

labels! { risk(ChurnRisk) {
    Low { "低", "Low" }
    Warning { "预警", "Warning" }
    High { "高", "High" }
    Lost { "已流失", "Lost" }
    LongLost { "深度流失", "Long lost" }
    Unknown { "未知", "Unknown" }
} }

labels! { field(Field) {
    Phone { "有效电话", "A usable phone" }
    Car { "车牌与 VIN", "Plate and VIN" }
    Insurance { "保险到期日", "End of insurance" }
    Name { "姓名", "Name" }
    Delivery { "购车日期", "Delivery day" }
    Odometer { "里程", "Odometer" }
    Consent { "联系许可", "Consent" }
    Preference { "方便联系的时段", "Time to reach" }
    Class { "客户类别", "Class" }
} }

labels! { entry_kind(EntryKind) {
    Visit { "进站", "Visits" }
    Call { "回访", "Calls" }
    Appointment { "预约", "Appointments" }
    Message { "短信", "Messages" }
    Answer { "问卷", "Answers" }
    Complaint { "抱怨", "Complaints" }
    Policy { "保单", "Policies" }
    Consent { "许可", "Consents" }
} }

labels! { purpose(Purpose) {
    Service { "服务通知", "Service notices" }
    Survey { "电话回访", "Surveys" }
    Marketing { "活动与优惠", "Offers and events" }
    Insurance { "保险续保", "Insurance" }
    Recording { "通话录音", "Recording of calls" }
} }

labels! { basis(Basis) {
    Consent { "同意", "Consent" }
    Contract { "合同需要", "Contract" }
    Law { "法律要求", "Law" }
} }

labels! { consent_channel(ConsentChannel) {
    Paper { "纸质签字", "On paper" }
    Visit { "到店当面", "In person" }
    Call { "电话", "By phone" }
    Sms { "短信", "SMS" }
    Wechat { "微信", "WeChat" }
    Web { "网页", "Web" }
    Import { "导入", "Import" }
} }

labels! { system_tag(SystemTag) {
    Vip { "VIP", "VIP" }
    KeyAccount { "大客户", "Key account" }
    Employee { "员工", "Employee" }
    CommercialUse { "出租/营运", "Commercial use" }
    CompanyCustomer { "企业客户", "Company customer" }
    PriceSensitive { "价格敏感", "Price sensitive" }
    WechatWork { "企业微信", "WeChat Work" }
    ChildSeat { "儿童座椅", "Child seat" }
    Referrer { "转介绍", "Brings others" }
    SelfDriving { "自驾", "Travels by car" }
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
    /// A tag's name: what a store has added is as it was written.
    pub fn tag(self, tag: &Tag) -> String {
        tag.code
            .map_or_else(|| tag.name.clone(), |code| self.system_tag(code).to_owned())
    }

    /// `4月16日`, with the year if it is known.
    pub fn birthday_of(self, birthday: Birthday) -> String {
        let Birthday { year, month, day } = birthday;
        match (year, self.0) {
            (Some(year), Lang::Zh) => format!("{year}年{month}月{day}日"),
            (None, Lang::Zh) => format!("{month}月{day}日"),
            (Some(year), Lang::En) => format!("{year}-{month:02}-{day:02}"),
            (None, Lang::En) => format!("{month:02}-{day:02}"),
        }
    }

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
