//! What is wrong with a field of a form: the code is `web::form::FieldError`, the sentence is here.

use super::Lang;
use crate::web::form::FieldError;

messages! {
    fix_below(count) { "有 {count} 处需要修改，见下方标出的字段。", "{count} to mend; see the marked fields below." }
    required { "必填", "Required" }
    too_long(max) { "最多 {max} 个字", "At most {max} characters" }
    too_short(min) { "至少 {min} 个字符", "At least {min} characters" }
    bad_number { "请输入数字", "Enter a number" }
    out_of_range(min, max) { "应在 {min} 到 {max} 之间", "Between {min} and {max}" }
    bad_date { "日期格式如 2026-03-05", "A date such as 2026-03-05" }
    bad_time { "时间格式如 09:30", "A time such as 09:30" }
    bad_date_time { "时间格式如 2026-03-05 14:30", "A time such as 2026-03-05 14:30" }
    bad_choice { "请从列表中选择", "Choose from the list" }
    in_the_past { "不能早于现在", "Not in the past" }
    in_the_future { "不能晚于今天", "Not in the future" }
    taken { "已被使用", "Already in use" }
    password_differs { "两次输入不一致", "The two do not match" }
    password_weak { "太容易被猜到，换一句更长的话", "Too easy to guess; use a longer sentence" }
    conflict_title { "同事刚刚改过", "A colleague saved meanwhile" }
    conflict_by(name, at) { "{name} 在 {at} 保存了另一个版本。你填写的内容都在下面，还没有保存。", "{name} saved another version {at}. Everything you typed is below and not saved yet." }
    conflict_by_system(at) { "{at} 的导入或系统更新保存了另一个版本。你填写的内容都在下面，还没有保存。", "An import or the system saved another version {at}. Everything you typed is below and not saved yet." }
    conflict_hint { "逐项选择保留哪一个，然后保存。只有一方改过的项目已替你选好。", "Choose a side for each field, then save. Fields that only one of you changed are chosen already." }
    conflict_same { "你填写的与已保存的相同，没有需要选择的。", "What you typed is what was saved; there is nothing to choose." }
    conflict_field { "项目", "Field" }
    conflict_theirs { "已保存的", "Saved" }
    conflict_mine { "你填写的", "Yours" }
    conflict_both { "双方都改过", "Both changed" }
    conflict_empty { "空", "Empty" }
    conflict_note { "没有列出的项目双方一致。", "Fields that are not listed agree." }
    conflict_leave { "放弃我的修改", "Drop my changes" }
    draft_restored(at) { "已恢复你 {at} 输入、尚未保存的内容", "Restored what you typed {at} and did not save" }
    draft_discard { "放弃", "Discard" }
    draft_saved { "草稿已保存", "Draft saved" }
    draft_ended { "登录已结束，输入的内容已保存为草稿；重新登录后打开此页即可继续", "Your session has ended; what you typed is kept as a draft. Sign in and open this page again" }
    bad_username { "用户名用 2–32 个小写字母、数字、点或短横线", "2–32 lower-case letters, digits, dots or hyphens" }
}

impl T {
    /// The sentence under the field.
    pub fn error(self, error: &FieldError) -> String {
        match error {
            FieldError::Required => self.required().to_owned(),
            FieldError::TooLong(max) => self.too_long(max),
            FieldError::TooShort(min) => self.too_short(min),
            FieldError::BadNumber => self.bad_number().to_owned(),
            FieldError::OutOfRange(min, max) => self.out_of_range(min, max),
            FieldError::BadDate => self.bad_date().to_owned(),
            FieldError::BadTime => self.bad_time().to_owned(),
            FieldError::BadDateTime => self.bad_date_time().to_owned(),
            FieldError::BadChoice => self.bad_choice().to_owned(),
            FieldError::InThePast => self.in_the_past().to_owned(),
            FieldError::InTheFuture => self.in_the_future().to_owned(),
            FieldError::Taken => self.taken().to_owned(),
            FieldError::PasswordDiffers => self.password_differs().to_owned(),
            FieldError::PasswordWeak => self.password_weak().to_owned(),
            FieldError::BadUsername => self.bad_username().to_owned(),
            FieldError::Text { zh, en } => match self.0 {
                Lang::Zh => zh.clone(),
                Lang::En => en.clone(),
            },
        }
    }
}
