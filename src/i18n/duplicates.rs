//! Proposed pairs, merging, and taking a merge back.

use crate::duplicates::merge::Refusal;
use crate::duplicates::merge::relations::Part;
use crate::duplicates::{Reason, RecordKind};
use crate::web::form::FieldError;

messages! {
    title { "重复档案", "Duplicates" }
    intro { "系统每晚和每次导入后查找可能重复的档案；合并随时可以撤销。", "Files that may be the same are looked for every night and after each import; a merge can be taken back." }
    open_pairs { "待处理", "To decide" }
    dismissed_pairs { "不是同一个", "Not the same" }
    history { "合并记录", "Merges" }
    any_reason { "全部原因", "All reasons" }
    any_kind { "客户和车辆", "Customers and cars" }
    reason_label { "原因", "Reason" }
    kind_label { "类型", "Kind" }
    left { "档案一", "First file" }
    right { "档案二", "Second file" }
    found { "发现", "Found" }
    compare { "对比", "Compare" }
    dismiss { "不是同一个", "Not the same" }
    reopen { "重新提出", "Propose again" }
    none_title { "没有待处理的重复档案", "No pairs to decide" }
    none { "下一次查找在今晚，或下一次导入之后。也可以从客户页或车辆页直接选两份档案合并。", "The next search is tonight, or after the next import. Two files can be merged from a customer's or a car's page as well." }
    none_dismissed { "还没有标记过不是同一个的档案。", "No pair has been called different yet." }
    clear_filter { "清除筛选", "Clear the filter" }
    last_visit(day) { "上次进站 {day}", "Last visit {day}" }
    likely { "很可能", "Very likely" }
    possible { "有可能", "Likely" }
    weak { "请核对", "Worth a look" }
    merge_title { "合并两份档案", "Merge two files" }
    merge_intro { "选择保留哪份档案，再逐项选择内容。另一份的全部记录会转到保留的档案，它本身只留下指向。", "Choose the file that stays, then what it says field by field. Everything of the other one moves to it; the other one stays as a signpost." }
    find_title { "选择另一份档案", "Choose the other file" }
    find_customer { "客户编号或手机号", "Customer number or phone" }
    find_vehicle { "车牌、VIN 或车辆编号", "Plate, VIN or the car's number" }
    find_hint { "要与当前档案合并的那一份", "The one to merge with this one" }
    go_on { "继续", "Go on" }
    keep_this { "保留这份", "Keep this one" }
    number(id) { "编号 {id}", "No. {id}" }
    changed_at(at) { "更新于 {at}", "Changed {at}" }
    field_head { "项目", "Field" }
    differs { "不同", "Differs" }
    nothing { "未填", "Empty" }
    main_number { "主要号码", "Main number" }
    what_moves { "会转移的记录", "What moves" }
    what_moves_hint { "两边都有的号码和人车关系只保留一份；待回访合并为一个；同一项应办只留一项。", "Numbers and roles that both have are kept once; open callbacks become one; an obligation both owe is owed once." }
    do_merge { "合并", "Merge" }
    merge_note { "合并写入审计日志，可以在“合并记录”中撤销。", "A merge is in the audit log and can be taken back under “Merges”." }
    cannot_merge { "你可以查看；合并由经理或管理员完成。", "You may look; a manager or an administrator merges." }
    history_intro { "撤销会把转移的记录还回去；之后新增或改过的内容留在保留的档案。", "Taking a merge back returns what moved; what was added or changed since stays with the file that was kept." }
    no_merges_title { "还没有合并过", "Nothing merged yet" }
    no_merges { "合并后可以在这里撤销。", "Merges can be taken back here." }
    survivor { "保留", "Kept" }
    loser { "并入", "Merged into it" }
    moved { "转移", "Moved" }
    merged_when { "合并时间", "When" }
    taken_over(fields) { "采用另一份的：{fields}", "Taken over: {fields}" }
    system { "系统", "System" }
    undo { "撤销合并", "Take back" }
    undone { "已撤销", "Taken back" }
    went_back(count) { "{count} 条记录已还回", "{count} rows went back" }
    stayed(count) { "；{count} 条已另有变动，未还回", "; {count} were moved or removed since and stay" }
    fields_kept(fields) { "；之后改过、保持不变：{fields}", "; changed since and kept: {fields}" }
    street_on_file { "有详细地址", "street on file" }
    vehicle_merged { "这份档案已并入另一辆车：", "This file was merged into another car:" }
}

labels! { kind(RecordKind) {
    Customer { "客户", "Customer" }
    Vehicle { "车辆", "Car" }
} }

labels! { reason(Reason) {
    Phone { "号码相同", "Same phone" }
    Vin { "VIN 相同", "Same VIN" }
    Plate { "车牌差一位", "Plate one character off" }
    Sound { "同音且尾号相同", "Sounds the same, same phone tail" }
} }

labels! { part(Part) {
    Phones { "电话", "Phones" }
    People { "人车关系", "People and cars" }
    Visits { "进站", "Visits" }
    Appointments { "预约", "Appointments" }
    Readings { "里程", "Readings" }
    Policies { "保单", "Policies" }
    Callbacks { "回访", "Callbacks" }
    Attempts { "拨打", "Attempts" }
    Responses { "问卷", "Responses" }
    Reminders { "提醒", "Reminders" }
    Obligations { "应办", "Obligations" }
    Complaints { "抱怨", "Complaints" }
    Risks { "客户风险", "Risks" }
    Tags { "标签", "Tags" }
    Consents { "联系许可", "Consents" }
    Plates { "车牌记录", "Plates" }
    Traces { "其他", "Others" }
} }

labels! { refusal(Refusal) {
    Missing { "其中一份档案已不存在", "One of the two is not there any more" }
    Gone { "其中一份档案已被合并或清除", "One of the two was merged or erased" }
    Changed { "打开之后档案有改动，请核对后再合并", "One of the two was changed since you opened this; compare again" }
    OnTheLine { "同事正在与这位客户通话，请稍后再试", "A colleague is on the phone about one of the two; try again later" }
    Undone { "这次合并已经撤销", "This merge was taken back already" }
    MergedOn { "保留的档案后来又被合并，请先撤销那一次", "The file that was kept has been merged itself; take that one back first" }
    VinTaken { "原来的 VIN 已属于另一辆车，无法撤销", "The VIN belongs to another car by now; it cannot be taken back" }
} }

impl T {
    /// What a column is called.
    pub fn field(self, column: &str) -> &'static str {
        let (c, v) = (super::Texts(self.0).customers(), super::Texts(self.0).vehicles());
        match column {
            "name" => c.name(),
            "kind" => c.kind(),
            "salutation" => c.salutation(),
            "grade" => c.grade(),
            "note" => c.note(),
            "preferred_channel" => c.preferred_channel(),
            "birth_month" => c.birthday(),
            "source" => c.source_label(),
            "preferred_days" => c.preferred_days_label(),
            "preferred_daypart" => c.preferred_daypart_label(),
            "district" => c.address_label(),
            "habits" => c.habits(),
            "keeper_id" => c.keeper(),
            "parent_id" => c.parent_label(),
            "vin" => v.vin(),
            "plate" => v.plate(),
            "brand" => v.brand(),
            "model" => v.model(),
            "usage" => v.usage_label(),
            "state" => v.state_label(),
            "sold_here" => v.sold_here(),
            "delivered_on" => v.delivered_on(),
            "first_maintenance_due_on" => v.first_due(),
            "warranty_ends_on" => v.warranty_ends_on(),
            "warranty_km" => v.warranty_km(),
            "warranty_kind" => v.warranty_kind_label(),
            "extended_warranty_ends_on" => v.extended_warranty_ends_on(),
            "extended_warranty_km" => v.extended_warranty_km(),
            _ => "",
        }
    }
}

/// Nobody is found under what was typed.
pub fn nobody() -> FieldError {
    FieldError::Text {
        zh: "没有找到另一份档案".to_owned(),
        en: "No other file found".to_owned(),
    }
}

/// Several are found.
pub fn several() -> FieldError {
    FieldError::Text {
        zh: "找到多份档案，请输入编号".to_owned(),
        en: "Several found; type the number".to_owned(),
    }
}
