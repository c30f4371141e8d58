//! Invented names, models and work; no brand and nobody real.

/// Surnames, common first.
pub const SURNAMES: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何",
    "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾", "萧", "田",
    "董", "潘", "袁", "蔡", "欧阳", "单",
];

/// Given names with the salutation they suggest: 先生 or 女士.
pub const GIVEN: [(&str, &str); 40] = [
    ("伟", "先生"),
    ("芳", "女士"),
    ("娜", "女士"),
    ("敏", "女士"),
    ("静", "女士"),
    ("丽", "女士"),
    ("强", "先生"),
    ("磊", "先生"),
    ("军", "先生"),
    ("洋", "先生"),
    ("勇", "先生"),
    ("艳", "女士"),
    ("杰", "先生"),
    ("娟", "女士"),
    ("涛", "先生"),
    ("明", "先生"),
    ("超", "先生"),
    ("秀英", "女士"),
    ("霞", "女士"),
    ("平", "先生"),
    ("志强", "先生"),
    ("雅楠", "女士"),
    ("思远", "先生"),
    ("海燕", "女士"),
    ("俊杰", "先生"),
    ("婷婷", "女士"),
    ("佳怡", "女士"),
    ("浩然", "先生"),
    ("静怡", "女士"),
    ("明轩", "先生"),
    ("建国", "先生"),
    ("晓芸", "女士"),
    ("子涵", "女士"),
    ("宇航", "先生"),
    ("欣怡", "女士"),
    ("一鸣", "先生"),
    ("文博", "先生"),
    ("雨桐", "女士"),
    ("国庆", "先生"),
    ("可欣", "女士"),
];

/// Companies that own cars.
pub const COMPANIES: [&str; 8] = [
    "云桥物流",
    "江南食品",
    "同心装饰",
    "新程科技",
    "百川贸易",
    "清和医疗",
    "锦程租赁",
    "远山文化",
];

/// Models, neutral: body and engine.
pub const MODELS: [&str; 8] = [
    "轿车 1.4T",
    "轿车 1.5L",
    "轿车 2.0T",
    "SUV 1.5T",
    "SUV 2.0T",
    "SUV 插电混动",
    "旅行车 1.4T",
    "纯电 SUV",
];

/// Advisers of the workshop, who are not users of the desk.
pub const ADVISORS: [&str; 6] = ["孙浩", "赵磊", "钱程", "李娜", "周凯", "吴倩"];

/// Technicians of the workshop.
pub const TECHNICIANS: [&str; 6] = ["汪涛", "丁锐", "沈毅", "蒋斌", "陆鸣", "顾峰"];

/// Repairs as the repair order words them.
pub const REPAIRS: [&str; 10] = [
    "更换前刹车片",
    "更换 12V 电瓶",
    "空调异味检查",
    "四轮定位",
    "更换轮胎 × 2",
    "发动机异响检查",
    "更换雨刮片",
    "车窗升降器维修",
    "更换火花塞",
    "底盘异响检查",
];

/// Body work.
pub const BODY_WORK: [&str; 4] = ["右前门补漆", "后保险杠更换与喷漆", "左后侧事故修复", "引擎盖补漆"];

/// Warranty work.
pub const WARRANTY_WORK: [&str; 3] = ["质保更换水泵", "质保检查变速器", "质保更换车机屏幕"];

/// What dissatisfied customers say, with the class of the complaint.
pub const GRUMBLES: [(&str, &str); 8] = [
    ("说好一个半小时，等了快两个小时，也没人过来讲一声。", "efficiency"),
    ("保养做了什么是自己看单子的，没有人讲。", "attitude"),
    ("异响没有修好，开了两天又响了。", "repair"),
    ("价格比电话里说的贵了两百多，事先没有说。", "price"),
    ("车没有洗干净，脚垫上都是油。", "repair"),
    ("配件等了一个星期还没有到，打电话也不回。", "parts"),
    ("接待的人一直在看手机，问两句就不耐烦。", "attitude"),
    ("交车的时候没有人检查，门上多了一道划痕。", "repair"),
];

/// Insurers, invented.
pub const INSURERS: [&str; 4] = ["安平财险", "东江财险", "华宁财险", "众和财险"];
