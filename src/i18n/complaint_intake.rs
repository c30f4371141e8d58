//! Taking a complaint in, and the files of a case.

use super::Lang;
use crate::complaints::Severity;
use crate::complaints::attachments::{MediaType, Refusal};
use crate::complaints::intake::{BACKDATE_DAYS, Sign};
use crate::web::form::FieldError;

messages! {
    severity_by_demand { "按诉求判定（有诉求为 C，否则 D）", "By the demand: C with one, else D" }
    title { "登记抱怨", "New complaint" }
    short { "登记抱怨", "Complaint" }
    meta { "带 * 的六项必填；Ctrl Enter 受理", "Six fields with * must be filled; Ctrl Enter accepts" }
    who { "客户", "Customer" }
    who_label { "查找客户", "Find the customer" }
    who_hint { "姓名、拼音、手机尾号或车牌", "Name, pinyin, phone tail or plate" }
    find { "查找", "Find" }
    nobody_found { "档案里没有找到", "Nobody found" }
    stranger { "档案里没有？记下称呼和电话，受理时建档", "In no file? Note name and phone; a file is made" }
    caller_name { "称呼", "Name" }
    caller_phone { "电话", "Phone" }
    somebody_else { "换一位", "Somebody else" }
    car { "车辆", "Car" }
    no_car { "与车无关", "No car" }
    visit { "关联进站", "Visit" }
    no_visit { "无", "None" }
    channel { "来源", "Channel" }
    words { "客户原话", "The customer's words" }
    words_hint { "照原话记，不加判断", "As said, without judging" }
    class { "分类", "Class" }
    demand { "诉求", "Demand" }
    no_demand { "不要求处理", "Nothing" }
    demand_text { "具体要求", "In detail" }
    signs { "情形", "Signs" }
    signs_hint { "勾选后自动判定严重度", "What is ticked sets the severity" }
    amount { "索赔金额", "Amount claimed" }
    amount_hint { "元；满 2,000 为 B，满 20,000 为 A", "CNY; B from 2,000, A from 20,000" }
    severity { "严重度", "Severity" }
    as_suggested(level) { "按情形：{level}", "As suggested: {level}" }
    because(signs) { "依据：{signs}", "Because of {signs}" }
    list_separator { "、", ", " }
    may_raise { "可以定得更重，不能更轻", "You may choose a graver one, not a lighter one" }
    department { "责任部门", "Department" }
    choose_department { "选择部门", "Choose" }
    department_hint { "按分类建议，可改", "Suggested by the class" }
    more { "外部编号、补录时间", "External number, earlier time" }
    external_number { "外部编号", "External number" }
    external_number_hint { "12315、12345 或厂家工单号", "12315, 12345 or the maker's ticket" }
    external_due_on { "要求答复日", "Answer wanted by" }
    accepted_at { "实际受理时间", "Heard at" }
    accepted_at_hint { "补录时填写，最早 30 天前；各时限从这时起算", "If earlier than now, 30 days at most; deadlines run from then" }
    accept { "受理", "Accept" }
    open_cases { "未结工单", "Open cases" }
    no_open_cases { "这位客户和这辆车没有未结工单。", "Neither this customer nor this car has an open case." }
    choose_first { "选定客户后，这里列出未结工单，避免重复受理。", "Open cases are listed here once the customer is chosen." }
    twin_title { "已有同类未结工单", "A case of this class is open" }
    twin_text { "是同一件事就记入原工单，时限不变；不是再新建。", "If it is the same matter, add to that case; its deadlines stay." }
    twin_into(number) { "记入 {number}", "Add to {number}" }
    twin_new { "是另一件事，新建", "Another matter: open a new case" }
    waiting_files { "已收到，受理时一并保存", "Received; kept once the case is accepted" }
    refused_file(name, why) { "“{name}”{why}", "“{name}” {why}" }
    accept_for(typed) { "为“{typed}”登记抱怨", "Complaint of “{typed}”" }
    event_attached { "添加附件", "Added files" }
    event_removed { "移除附件", "Removed a file" }
    event_said_again { "客户再次反映", "The customer said again" }
    attachments { "附件", "Files" }
    no_attachments { "还没有附件。照片、检查单和往来函件都可以放在这里。", "None yet. Photos, inspection sheets and letters belong here." }
    drop_title { "拖到这里、粘贴，或点击选择", "Drop here, paste, or click to choose" }
    drop_hint { "JPEG、PNG、WebP、PDF；每个不超过 10 MB，一张工单最多 20 个", "JPEG, PNG, WebP, PDF; 10 MB each, 20 per case" }
    upload { "上传", "Upload" }
    remove { "移除附件", "Remove the file" }
    remove_named(name) { "移除 {name}", "Remove {name}" }
    remove_meta { "内容将被删除且无法恢复；名称、移除人和原因保留在工单里", "The content is deleted for good; its name, who removed it and why stay with the case" }
    remove_reason { "移除原因", "Reason" }
    remove_hint { "例如：传错客户、与本单无关", "For example: another customer's, unrelated" }
    removed_line(name, at, reason) { "{name} 于 {at} 移除：{reason}", "removed by {name} {at}: {reason}" }
}

impl T {
    /// Size of a file, as people read it.
    pub fn size(self, bytes: i32) -> String {
        match bytes {
            0..1_048_576 => format!("{} KB", (bytes / 1024).max(1)),
            _ => format!("{:.1} MB", f64::from(bytes) / 1_048_576.0),
        }
    }

    /// Why a file was not kept: the rest of the sentence that its name begins.
    pub fn refusal(self, refusal: &Refusal) -> String {
        let (zh, en) = match refusal {
            Refusal::Empty => ("是空文件", "is empty"),
            Refusal::TooLarge => ("超过 10 MB", "is over 10 MB"),
            Refusal::TooMany => ("放不下了，一张工单最多 20 个附件", "has no room: 20 files per case"),
            Refusal::Unknown => (
                "的内容不是 JPEG、PNG、WebP 或 PDF",
                "is no JPEG, PNG, WebP or PDF, whatever its name says",
            ),
            Refusal::Heic => (
                "是 HEIC 照片，请在手机上转为 JPEG 后再传",
                "is a HEIC photo; convert it to JPEG first",
            ),
            Refusal::Lies { ending, is } => {
                let kind = self.media_type(*is);
                return match self.0 {
                    Lang::Zh => format!("扩展名是 .{ending}，内容却是 {kind}"),
                    Lang::En => format!("is called .{ending} but is a {kind}"),
                };
            }
            Refusal::Damaged => ("已损坏或不完整", "is damaged or incomplete"),
            Refusal::TooManyPixels => ("尺寸过大，请缩小到 1 亿像素以内", "has too many pixels; 100 million at most"),
            Refusal::Active => (
                "含有脚本、可执行动作或内嵌文件，请另存为普通 PDF",
                "holds scripts, actions or files; save it as a plain PDF",
            ),
            Refusal::Encrypted => (
                "已加密，无法检查，请去掉密码后再传",
                "is encrypted and cannot be checked; remove the password",
            ),
        };
        match self.0 {
            Lang::Zh => zh.to_owned(),
            Lang::En => en.to_owned(),
        }
    }
}

labels! { sign(Sign) {
    Injury { "人身伤害或起火", "Injury or fire" }
    Public { "媒体、律师或群体", "Media, lawyer, crowd" }
    Replacement { "要求退换车", "Wants the car replaced" }
    Safety { "有安全疑虑", "Safety doubt" }
    Repeat { "同一问题再次投诉", "Complained before" }
    Authority { "12315 或厂家工单", "Authority or maker" }
} }

/// Something was typed to find the customer, and nobody was chosen.
pub fn choose_somebody() -> FieldError {
    FieldError::Text {
        zh: "从结果中选一位，或填写称呼和电话".to_owned(),
        en: "Choose somebody, or note name and phone".to_owned(),
    }
}

/// Lighter than what is ticked allows.
pub fn not_so_grave(least: Severity) -> FieldError {
    FieldError::Text {
        zh: format!("按情形至少为 {least}，不能更轻"),
        en: format!("At least {least} by what is ticked"),
    }
}

/// Longer ago than a case may be noted.
pub fn too_long_ago() -> FieldError {
    FieldError::Text {
        zh: format!("最早 {BACKDATE_DAYS} 天前"),
        en: format!("{BACKDATE_DAYS} days ago at most"),
    }
}

labels! { media_type(MediaType) {
    Jpeg { "JPEG 图片", "JPEG picture" }
    Png { "PNG 图片", "PNG picture" }
    Webp { "WebP 图片", "WebP picture" }
    Pdf { "PDF 文件", "PDF" }
} }

/// What became of files that were sent: how many were kept, and why others were not.
pub fn attached(lang: Lang, added: usize, refused: &[(String, Refusal)]) -> String {
    let kept = match (added, lang) {
        (0, Lang::Zh) if refused.is_empty() => "没有选择文件".to_owned(),
        (0, Lang::En) if refused.is_empty() => "No file chosen".to_owned(),
        (0, Lang::Zh) => "没有保存附件".to_owned(),
        (0, Lang::En) => "No file kept".to_owned(),
        (n, Lang::Zh) => format!("已添加 {n} 个附件"),
        (1, Lang::En) => "1 file added".to_owned(),
        (n, Lang::En) => format!("{n} files added"),
    };
    with_refused(lang, kept, refused)
}

/// A sentence, and behind it what was not kept and why.
pub fn with_refused(lang: Lang, done: String, refused: &[(String, Refusal)]) -> String {
    let t = T(lang);
    let mut parts = vec![done];
    parts.extend(refused.iter().map(|(name, refusal)| match lang {
        Lang::Zh => format!("“{name}”{}", t.refusal(refusal)),
        Lang::En => format!("“{name}” {}", t.refusal(refusal)),
    }));
    parts.join(match lang {
        Lang::Zh => "；",
        Lang::En => "; ",
    })
}
