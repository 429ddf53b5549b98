// Style, script and filter bar of the html report.
#include "sink/file/html_page.h"

const char gb_html_style[] =
    ":root{color-scheme:light dark;--line:light-dark(#d5d9de,#3a4048);--soft:light-dark(#f4f6f8,"
    "#1d2126);--critical:light-dark(#b00020,#ff8a80);--high:light-dark(#a04000,#ffb74d);"
    "--medium:light-dark(#6b5900,#ffe082);--low:light-dark(#37506b,#90caf9)}"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem 1.5rem}"
    "h1{font-size:1.5rem;margin:.5rem 0 0}h2{font-size:1.15rem;margin:1.5rem 0 .5rem}"
    "h3{font-size:1rem;margin:.75rem 0 .25rem}header p{margin:0}"
    ".numbers{display:flex;flex-wrap:wrap;gap:.75rem;margin:1rem 0}"
    ".numbers div{border:1px solid var(--line);border-radius:.4rem;padding:.5rem 1rem;"
    "text-align:center;min-width:5rem}.numbers b{font-size:1.6rem}"
    ".critical .severity,.critical b{color:var(--critical)}.high .severity,.high "
    "b{color:var(--high)}"
    ".medium .severity,.medium b{color:var(--medium)}.low .severity,.low b{color:var(--low)}"
    "details{border:1px solid var(--line);border-radius:.4rem;margin:.35rem 0;padding:.35rem "
    ".75rem}"
    "summary{cursor:pointer}summary "
    "h2{display:inline}.severity{font-weight:600;display:inline-block;"
    "min-width:5.5rem}.critical .severity::before{content:\"\\25B2\\25B2\\00a0\"}"
    ".high .severity::before{content:\"\\25B2\\00a0\"}.medium "
    ".severity::before{content:\"\\25C6\\00a0\"}"
    ".low .severity::before{content:\"\\25CB\\00a0\"}.gain,.effort{float:right;margin-left:1rem;"
    "font-variant-numeric:tabular-nums}code{font-size:.85em}"
    "table{border-collapse:collapse;width:100%;font-size:.9em;margin:.5rem 0}"
    "th,td{text-align:left;vertical-align:top;border-bottom:1px solid var(--line);padding:.25rem "
    ".5rem;"
    "overflow-wrap:anywhere}.evidence td{font-family:ui-monospace,monospace}"
    "dt{font-weight:600}dd{margin:0 0 .5rem;white-space:pre-line}"
    ".filter{display:flex;flex-wrap:wrap;gap:.75rem;align-items:center;background:var(--soft);"
    "padding:.5rem .75rem;border-radius:.4rem}.filter input[type=search]{flex:1;min-width:12rem;"
    "font:inherit;padding:.25rem .5rem}footer{margin:2rem 0 "
    "1rem;font-size:.85em}[hidden]{display:none}"
    "@media print{.filter{display:none}details{break-inside:avoid}body{max-width:none;padding:0}}";

const char gb_html_filter[] =
    "<form class=\"filter\" hidden><label>Filter <input type=\"search\" "
    "placeholder=\"text, control, file\"></label>"
    "<label><input type=\"checkbox\" value=\"critical\" checked> critical</label>"
    "<label><input type=\"checkbox\" value=\"high\" checked> high</label>"
    "<label><input type=\"checkbox\" value=\"medium\" checked> medium</label>"
    "<label><input type=\"checkbox\" value=\"low\" checked> low</label>"
    "<output></output></form>\n";

// Without the script everything is shown; with it the filter works and printing opens all.
const char gb_html_script[] =
    "const form=document.querySelector('.filter'),out=form.querySelector('output'),"
    "all=[...document.querySelectorAll('.finding')];form.hidden=false;"
    "const apply=()=>{const text=form.querySelector('[type=search]').value.toLowerCase(),"
    "on=new Set([...form.querySelectorAll('[type=checkbox]:checked')].map(b=>b.value));let shown=0;"
    "for(const f of all){const show=on.has(f.dataset.severity)&&"
    "(!text||f.textContent.toLowerCase().includes(text));f.hidden=!show;shown+=show}"
    "out.textContent=shown+' of '+all.length};"
    "form.addEventListener('input',apply);form.addEventListener('submit',e=>e.preventDefault());"
    "addEventListener('beforeprint',()=>document.querySelectorAll('.finding').forEach(f=>f.open="
    "true));"
    "apply();";
