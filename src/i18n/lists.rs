//! Lists: filters, views, columns, changes of many rows.

use super::Lang;
use crate::batches::BatchList;
use crate::web::list::ListName;

messages! {
    filters { "筛选", "Filters" }
    views { "保存的视图", "Saved views" }
    clear_all { "清除筛选", "Clear filters" }
    clear(label) { "清除筛选：{label}", "Clear the filter: {label}" }
    searched { "查找", "Search" }
    set { "应用", "Apply" }
    from { "从", "From" }
    to { "到", "To" }
    since(day) { "{day} 起", "from {day}" }
    until(day) { "至 {day}", "to {day}" }
    between(from, to) { "{from} – {to}", "{from} – {to}" }
    none { "无", "None" }
    no_phone { "无号码", "No number" }
    tag { "标签", "Tags" }
    keeper { "建档人", "Keeper" }
    created { "建档时间", "Created" }
    nobody { "无联系人", "Nobody to call" }
    person { "联系人", "Contact" }
    region { "车牌归属", "Plate region" }
    whereabouts { "在店", "In the shop" }
    columns { "列设置", "Columns" }
    columns_of_view { "此视图的列由管理者设定。", "The columns of this view are set by those who keep it." }
    density { "行高", "Density" }
    comfortable { "标准", "Comfortable" }
    compact { "紧凑", "Compact" }
    save_view { "保存当前视图", "Save this view" }
    update_view { "更新此视图", "Update this view" }
    edit_view { "编辑视图", "Edit the view" }
    delete_view { "删除视图", "Delete the view" }
    view_name { "名称", "Name" }
    shared { "全店共享", "shared" }
    shared_meta { "全店共享的视图", "Shared in the store" }
    own_meta { "只有自己可见的视图", "Only you see this view" }
    share { "与全店共享", "Share in the store" }
    default_for { "作为角色的默认视图", "Opens by itself for" }
    default_hint { "打开列表且没有筛选时显示；同时会与全店共享", "Shown when the list is opened without a filter; also shares the view" }
    no_role { "不作为默认视图", "Nobody" }
    position { "排序", "Position" }
    position_hint { "数字小的排在前面", "Smaller numbers come first" }
    page_size { "每页条数", "Rows a page" }
    many_hint { "超过一万条，请用筛选缩小范围。", "More than ten thousand; filter to narrow it down." }
    select_all { "选择本页全部", "Select all on this page" }
    select_row(name) { "选择 {name}", "Select {name}" }
    change_many { "批量修改", "Change many" }
    choose_change { "选择修改内容", "Choose a change" }
    to_ticked { "应用到所选", "To the ticked ones" }
    to_all(count) { "应用到筛选出的全部 {count} 条", "To all {count} of the filter" }
    set_grade { "级别改为 ", "Set the grade to " }
    add_tag { "添加标签 ", "Add the tag " }
    remove_tag { "移除标签 ", "Remove the tag " }
    set_keeper { "建档人改为 ", "Set the keeper to " }
    set_state { "状态改为 ", "Set the state to " }
    set_usage { "用途改为 ", "Set the use to " }
    rows_of_filter { "条记录符合筛选，将全部修改。", "rows match the filter and will be changed." }
    rows_ticked { "条所选记录将被修改。", "ticked rows will be changed." }
    can_be_undone { "修改后 24 小时内可以撤销；期间被他人改过的记录不受影响。", "It can be taken back for 24 hours; what others change meanwhile stays." }
    change_rows(count) { "确认修改 {count} 条", "Change {count} rows" }
    count_changed(was, now) { "数量有变化：刚才 {was} 条，现在 {now} 条。请再次确认。", "The count has changed: {was} before, {now} now. Confirm again." }
    too_many { "一次最多修改一万条，请先缩小筛选范围。", "At most ten thousand at once; narrow the filter first." }
    nothing_left { "已没有符合条件的记录。", "Nothing matches any more." }
    back_to_list { "返回列表", "Back to the list" }
    last_change(count, at) { "{at} 批量修改了 {count} 条。", "{count} changed at once, {at}." }
    undo { "撤销", "Undo" }
    none_title { "没有符合条件的记录", "Nothing matches" }
    none_text { "放宽或清除筛选条件再看。", "Widen or clear the filters." }
    vehicles_title { "车辆", "Vehicles" }
    vehicles_intro { "按车型、用途、到期日和上次进站筛选；车牌和 VIN 用顶部的搜索。", "Filter by model, use, due days and last visit; plates and VINs are found with the search above." }
    no_vehicles_title { "还没有车辆", "No cars yet" }
    no_vehicles { "由管理员导入客户名册，或从客户页添加。", "An administrator imports the roster, or add one from a customer's page." }
}

labels! { list_name(ListName) {
    Customers { "客户档案", "Customers" }
    Vehicles { "车辆", "Vehicles" }
    Visits { "进站记录", "Visits" }
    Complaints { "抱怨工单", "Complaints" }
} }

labels! { batch_list(BatchList) {
    Customers { "客户档案", "Customers" }
    Vehicles { "车辆", "Vehicles" }
    Callbacks { "回访队列", "Callback queue" }
    Complaints { "抱怨工单", "Complaints" }
} }

labels! { first_column(ListName) {
    Customers { "客户", "Customer" }
    Vehicles { "车辆", "Car" }
    Visits { "工单号", "Repair order" }
    Complaints { "工单", "Number" }
} }

impl T {
    /// What the flash says after many rows were changed.
    pub fn many_changed(self, changed: i64, same: i64) -> String {
        match (self.0, same) {
            (Lang::Zh, 0) => format!("已修改 {changed} 条"),
            (Lang::Zh, same) => format!("已修改 {changed} 条，另有 {same} 条本来就是这样"),
            (Lang::En, 0) => format!("{changed} changed"),
            (Lang::En, same) => format!("{changed} changed, {same} were so already"),
        }
    }
}
