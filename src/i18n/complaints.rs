//! Complaints.

use crate::complaints::{
    ComplaintChannel, ComplaintClass, ComplaintState, DemandKind, Responsibility, Severity, Verdict,
};
use crate::i18n::Lang;

messages! {
    title { "抱怨工单", "Complaints" }
    meta { "受理后 2 小时内上报责任部门；营业时间外受理的，从下次开门起算", "To the department within 2 hours; accepted while closed, from the next opening" }
    views { "视图", "Views" }
    tab_open { "未结", "Open" }
    tab_all { "全部", "All" }
    search { "查找工单", "Find a complaint" }
    search_hint { "工单号、客户、车牌", "Number, customer, plate" }
    any_severity { "全部严重度", "Any severity" }
    any_department { "全部部门", "Any department" }
    caption_open { "未结抱怨工单，按上报截止排序", "Open complaints by deadline" }
    caption_all { "全部抱怨工单", "All complaints" }
    number { "工单", "Number" }
    dispatch_due { "上报截止", "Dispatch due" }
    severity { "严重度", "Severity" }
    customer { "客户", "Customer" }
    words { "客户原话", "The customer's words" }
    class { "分类", "Class" }
    department { "责任部门", "Department" }
    state { "状态", "State" }
    undecided { "待定", "Not decided" }
    none_title { "没有抱怨工单", "No complaints" }
    none_text { "回访中出现不满意的答复时，会自动生成抱怨工单。", "A dissatisfied answer in a callback opens one by itself." }
    none_own_text { "没有分给你的工单。", "No case is yours." }
    none_found { "没有符合条件的工单", "Nothing matches" }
    none_found_text { "换一个视图，或去掉筛选条件。", "Choose another view or clear the filters." }
    demand { "诉求", "Demand" }
    related_visit { "关联进站", "Visit" }
    open_call { "查看回访", "Open the call" }
    advisor { "顾问", "Advisor" }
    vehicle { "车辆", "Vehicle" }
    step_accepted { "受理", "Accepted" }
    step_dispatch { "上报责任部门", "To the department" }
    system { "系统", "System" }
    erased { "（已删除）", "(erased)" }
}

labels! { channel(ComplaintChannel) {
    Call { "来电", "Phone" }
    Visit { "来店", "In person" }
    Callback { "回访发现", "Callback" }
    Hotline { "400 热线", "Hotline" }
    Maker { "厂家工单", "Car maker" }
    Regulator { "市场监管", "Regulator" }
    Web { "网络", "Web" }
    Media { "媒体", "Media" }
    Letter { "信函", "Letter" }
} }

labels! { class_of(ComplaintClass) {
    Product { "产品质量", "Product" }
    Repair { "维修质量", "Quality of work" }
    Attitude { "服务态度", "Attitude" }
    Efficiency { "服务效率", "Efficiency" }
    Price { "价格收费", "Price" }
    Parts { "配件", "Parts" }
    Warranty { "质保索赔", "Warranty" }
    Sales { "销售", "Sales" }
    Finance { "金融保险", "Finance, insurance" }
    Registration { "上牌手续", "Registration" }
    Facility { "环境设施", "Facilities" }
    Privacy { "信息与骚扰", "Privacy" }
    Other { "其他", "Other" }
} }

labels! { severity_of(Severity) {
    A { "A 重大", "A crisis" }
    B { "B 重要", "B serious" }
    C { "C 一般", "C ordinary" }
    D { "D 抱怨", "D remark" }
} }

labels! { state_of(ComplaintState) {
    Accepted { "待上报", "To dispatch" }
    Dispatched { "已上报", "Dispatched" }
    InProgress { "处理中", "In progress" }
    Waiting { "待客户", "Waiting for customer" }
    Resolved { "已解决", "Resolved" }
    Closed { "已关闭", "Closed" }
    Withdrawn { "已撤诉", "Withdrawn" }
    Invalid { "无效", "Invalid" }
    Merged { "已合并", "Merged" }
} }

labels! { demand_of(DemandKind) {
    Repair { "维修", "Repair" }
    Replace { "退换", "Return or replacement" }
    Compensation { "赔偿", "Compensation" }
    Apology { "道歉", "Apology" }
    Explanation { "解释", "Explanation" }
} }

labels! { responsibility_of(Responsibility) {
    Responsible { "有责", "Ours" }
    Partial { "部分责任", "Partly ours" }
    None { "无责", "Not ours" }
    ThirdParty { "第三方责任", "A third party's" }
} }

labels! { verdict_of(Verdict) {
    Satisfied { "满意", "Satisfied" }
    Acceptable { "可接受", "Acceptable" }
    Dissatisfied { "不满意", "Dissatisfied" }
} }

impl T {
    /// A line of the history by its code.
    pub fn event(self, code: &str) -> &'static str {
        let (zh, en) = match code {
            "accepted" => ("受理", "Accepted"),
            "dispatched" => ("上报责任部门", "Dispatched"),
            "acknowledged" => ("部门确认", "Acknowledged"),
            "contact" => ("联系客户", "Contacted the customer"),
            "severity" => ("调整严重度", "Changed severity"),
            "waiting" => ("等待客户", "Waiting for the customer"),
            "resumed" => ("继续处理", "Resumed"),
            "resolved" => ("处理完毕", "Resolved"),
            "verdict" => ("客户评价", "Verdict"),
            "reopened" => ("重开", "Reopened"),
            "closed" => ("关闭", "Closed"),
            _ => ("记录", "Note"),
        };
        match self.0 {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}
